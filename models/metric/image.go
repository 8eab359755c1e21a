package metric

import (
	"fmt"
	"math"
)

// PSNR returns the peak signal-to-noise ratio in decibels,
//
//	10·log₁₀(peak² / mean of (a − b)²)
//
// for numbers up to peak: 1 or 255 for images. It is +Inf for equal slices.
func PSNR(a, b []float32, peak float64) (float64, error) {
	if err := checkPair("a", a, "b", b); err != nil {
		return 0, fmt.Errorf("metric: PSNR: %w", err)
	}
	if err := checkPeak(peak); err != nil {
		return 0, fmt.Errorf("metric: PSNR: %w", err)
	}
	sum := 0.
	for i, e := range a {
		d := float64(e) - float64(b[i])
		sum += d * d
	}
	return 10 * math.Log10(peak*peak*float64(len(a))/sum), nil
}

func checkPeak(peak float64) error {
	if !(peak > 0) || math.IsInf(peak, 1) {
		return fmt.Errorf("peak is %v, want a positive number", peak)
	}
	return nil
}

// The constants of SSIM in Wang et al.: the window is Gaussian, of ssimSize² pixels.
const (
	ssimSize  = 11
	ssimSigma = 1.5
	ssimK1    = 0.01
	ssimK2    = 0.03
)

// SSIM returns the structural similarity of images after Wang, Bovik, Sheikh and Simoncelli,
// "Image quality assessment: from error visibility to structural similarity", 2004, equation
// 13:
//
//	(2·μa·μb + C₁)·(2·σab + C₂) / ((μa² + μb² + C₁)·(σa² + σb² + C₂))
//
// with means, variances and covariance of a Gaussian window of 11×11 pixels and standard
// deviation 1.5, C₁ = (0.01·peak)² and C₂ = (0.03·peak)². It is the mean over all windows
// that lie inside, as in the authors' program, over all channels and images: the slices hold
// any number of planes of height × width. Images are at least 11 pixels high and wide.
func SSIM(a, b []float32, height, width int, peak float64) (float64, error) {
	if err := checkPair("a", a, "b", b); err != nil {
		return 0, fmt.Errorf("metric: SSIM: %w", err)
	}
	if err := checkPeak(peak); err != nil {
		return 0, fmt.Errorf("metric: SSIM: %w", err)
	}
	if height < ssimSize || width < ssimSize {
		return 0, fmt.Errorf("metric: SSIM: images of %d×%d pixels, want at least %d×%[3]d", height, width, ssimSize)
	}
	if len(a)%height != 0 || len(a)/height%width != 0 {
		return 0, fmt.Errorf("metric: SSIM: %d numbers, want a multiple of %d×%d", len(a), height, width)
	}
	n, sum, planes := height*width, 0., 0
	for ; len(a) > 0; a, b = a[n:], b[n:] {
		sum += ssimOfPlane(a[:n], b[:n], height, width, peak)
		planes++
	}
	return sum / float64(planes), nil
}

func ssimOfPlane(a, b []float32, height, width int, peak float64) float64 {
	n := height * width
	product := func(x, y []float32) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = float64(x[i])
			if y != nil {
				out[i] *= float64(y[i])
			}
		}
		return blur(out, height, width)
	}
	ma, mb := product(a, nil), product(b, nil)
	aa, bb, ab := product(a, a), product(b, b), product(a, b)
	c1, c2 := ssimK1*peak*ssimK1*peak, ssimK2*peak*ssimK2*peak
	sum := 0.
	for i, x := range ma {
		y := mb[i]
		va, vb, cov := aa[i]-x*x, bb[i]-y*y, ab[i]-x*y
		sum += (2*x*y + c1) * (2*cov + c2) / ((x*x + y*y + c1) * (va + vb + c2))
	}
	return sum / float64(len(ma))
}

// blur returns the means of the Gaussian windows that lie inside an image.
func blur(x []float64, height, width int) []float64 {
	var w [ssimSize]float64
	total := 0.
	for i := range w {
		d := float64(i-ssimSize/2) / ssimSigma
		w[i] = math.Exp(-d * d / 2)
		total += w[i]
	}
	for i := range w {
		w[i] /= total
	}
	inner := width - ssimSize + 1
	rows := make([]float64, height*inner)
	for r := range height {
		for c := range inner {
			for k, e := range w {
				rows[r*inner+c] += e * x[r*width+c+k]
			}
		}
	}
	out := make([]float64, (height-ssimSize+1)*inner)
	for i := range out {
		for k, e := range w {
			out[i] += e * rows[i+k*inner]
		}
	}
	return out
}
