// Package atomicfile writes files that are there whole or not at all: a program that dies
// while it writes, or a disk that is full, leaves what was there before. Package ditacop saves
// learnables by it, the examples their pictures and tables.
package atomicfile
