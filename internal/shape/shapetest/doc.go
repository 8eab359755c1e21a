// Package shapetest makes curves for the tests of packages shape and table: the variants by
// name, curves of all of them over random spaces, and θ such as training gives. It is for
// tests only.
package shapetest
