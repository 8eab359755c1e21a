//go:build openblas

package models

import _ "github.com/ditac-go/ditac/models/openblas" // the tests of this package, by it
