// The stand-in for gorgonia.org/cu. It is only ever built as a replacement in
// the main module's build list (see ../bench.sh), which has the packages that
// it imports.
module gorgonia.org/cu

go 1.25
