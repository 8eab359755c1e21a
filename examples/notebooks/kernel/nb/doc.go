// Package nb is what the cells of the notebooks need beside the packages of the module:
// trainings with a picture that changes while they run, tables, animations, and settings
// that an environment variable makes small.
package nb
