# The commands of the project. `make help` lists them.

GO ?= go
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: test
test: ## run all tests
	$(GO) test ./...

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, tidy go.mod
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w needed:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff

.PHONY: race
race: ## run the race detector where it is affordable
	$(GO) test -race -timeout 30m ./cpab/... ./ditacop/... ./models/... ./examples/... $$($(GO) list ./internal/... | grep -v /ptx)

.PHONY: examples
examples: ## run every example at a small size
	GO=$(GO) .ci/examples.sh

.PHONY: kernel
kernel: ## build the Jupyter kernel of the notebooks (TAGS=openblas: see docs)
	cd examples/notebooks/kernel && $(GO) run ./mkkernel -tags "$(TAGS)"

.PHONY: jupyter
jupyter: ## open the notebooks in Jupyter
	JUPYTER_PATH=examples/notebooks/kernel/bin/jupyter jupyter notebook examples/notebooks

.PHONY: notebooks
notebooks: kernel ## execute all notebooks (DITAC_NOTEBOOKS=small: small ones)
	examples/notebooks/run.sh

.PHONY: dashboard-test
dashboard-test: ## test the dashboard in a headless Chromium (SHOTS=FOLDER: pictures)
	GO=$(GO) .ci/dashboard.sh $(SHOTS)

.PHONY: bench
bench: ## measure speeds, print the tables of docs/performance.md
	$(GO) run ./examples/speed

.PHONY: generate
generate: ## write the generated Go and assembly anew
	$(GO) generate ./...

.PHONY: test-arm64
test-arm64: ## test the arm64 build on an emulated processor
	GO=$(GO) .ci/arm64.sh

.PHONY: ptx
ptx: ## write the PTX of the CUDA kernels anew (needs clang-16)
	internal/ptx/build.sh

.PHONY: constants
constants: ## write the constants that mpmath computes anew (needs python3-mpmath)
	internal/ptx/coefficients.py
	internal/kernel/polynomials.py
	models/testdata/functions.py
	models/testdata/trained.py

.PHONY: ptx-check
ptx-check: ## assemble the PTX for four GPUs by ptxas: no spills
	internal/ptx/ptxas.sh

.PHONY: test-cuda
test-cuda: ## test the cuda build on the bench, without a GPU
	cuda/bench.sh vet ./... gorgonia.org/cu/...
	cuda/bench.sh test -p 1 ./cuda/... ./internal/gpu gorgonia.org/cu/...

.PHONY: cuda-build
cuda-build: ## compile and link the cuda build against CUDA's headers
	cuda/build.sh

.PHONY: gpu-check
gpu-check: ## check this machine's GPU, print a report
	GO=$(GO) cuda/gpucheck.sh

.PHONY: figures
figures: ## make the README's tables and pictures anew (about half an hour)
	$(GO) run ./examples/regression -activations ditac,tuned,relu,authors,prelu,gelu -out out/main
	cp out/main/fits.png docs/figures/fits-all.png
	cp out/main/losses.png out/main/activation.png docs/figures/
	$(GO) run ./examples/regression -activations relu,ditac,tuned,authors -lr 0.001,0.002,0.005,0.01,0.02 -out out/rates
	$(GO) run ./examples/regression
	cp out/regression/fits.png docs/figures/

.PHONY: tables
tables: ## make the tables and pictures of all examples, into out (about three hours; goes on where it was broken off)
	$(GO) run ./examples/regression -activations relu,ditac,amplified,amplified4,amplified16,pwl,bspline,pau,staf -lr 0.001,0.002,0.005,0.01,0.02 -seeds 1-5 -out out/rivals
	$(GO) run ./examples/maps -activations relu,gelu,tanh,prelu,pwl,bspline,pau,staf,ditac,amplified,amplified4,amplified16,sine3,sine10,relu+fourier3
	$(GO) run ./examples/imagefit -image china -activations relu,gelu,tanh,pwl,bspline,pau,staf,ditac,amplified,amplified4,amplified16,sine10,sine,relu+fourier4 -out out/imagefit/china
	$(GO) run ./examples/imagefit -image flower -activations relu,gelu,tanh,pwl,bspline,pau,staf,ditac,amplified,amplified4,amplified16,sine10,sine,relu+fourier4 -out out/imagefit/flower
	$(GO) run ./examples/tabular -seeds 1-5
	$(GO) run ./examples/mnist -train 10000 -epochs 2 -seeds 1-5 -activations relu,gelu,prelu,pwl,ditac -out out/mnist/rates
	$(GO) run ./examples/mnist -activations relu,gelu,ditac -lr 0.003 -seeds 1-5
	$(GO) run ./examples/segmentation -activations relu,gelu,ditac
	$(GO) run ./examples/generation -activations relu,gelu,ditac

.PHONY: clean
clean: ## remove what the commands wrote
	rm -rf bin out
