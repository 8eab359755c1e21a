module github.com/ditac-go/ditac/cpab/curve/internal/kernel/gen

go 1.25.0

require github.com/mmcloughlin/avo v0.6.0 // indirect
