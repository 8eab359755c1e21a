package metric

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClasses(t *testing.T) {
	logits := []float32{1, 2, 0, 5, 5, 4, -3, -2, -1, 0, 0, 1} // classes 1, 0 (the first), 2, 2
	pred, err := Argmax(logits, 3, 1)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 2, 2}, pred)
	labels := []float32{1, 0, 0, 2}
	acc, err := Accuracy(logits, labels, 3)
	require.NoError(t, err)
	require.Equal(t, 0.75, acc)
	m, err := Confusion(pred, labels, 3)
	require.NoError(t, err)
	require.Equal(t, [][]int{{1, 0, 1}, {0, 1, 0}, {0, 0, 1}}, m)
	iou, err := MeanIoU(pred, labels, 3)
	require.NoError(t, err)
	require.InDelta(t, (1./2+1+1./2)/3, iou, 1e-15)
	iou, err = MeanIoU(pred, labels, 5) // classes that are nowhere do not count
	require.NoError(t, err)
	require.InDelta(t, (1./2+1+1./2)/3, iou, 1e-15)
	// Two images of two pixels: (classes, pixels) = scores of class 0, then of class 1.
	pred, err = Argmax([]float32{0, 1, 1, 0, 5, 5, 6, 4}, 2, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 1, 0}, pred)
}

func TestPSNR(t *testing.T) {
	got, err := PSNR([]float32{0, 0.5, 1, 0.25}, []float32{0, 0.5, 1, 0.75}, 1) // mean square 1/16
	require.NoError(t, err)
	require.InDelta(t, 10*math.Log10(16), got, 1e-12)
	got, err = PSNR([]float32{10, 20}, []float32{11, 19}, 255)
	require.NoError(t, err)
	require.InDelta(t, 20*math.Log10(255), got, 1e-12)
	got, err = PSNR([]float32{1}, []float32{1}, 1)
	require.NoError(t, err)
	require.True(t, math.IsInf(got, 1))
}

// slowSSIM computes each window by itself, from centred sums.
func slowSSIM(a, b []float32, height, width int, peak float64) float64 {
	var w [11][11]float64
	total := 0.
	for i := range w {
		for j := range w[i] {
			w[i][j] = math.Exp(-float64((i-5)*(i-5)+(j-5)*(j-5)) / (2 * 1.5 * 1.5))
			total += w[i][j]
		}
	}
	sum, count := 0., 0
	for r := 0; r+11 <= height; r++ {
		for c := 0; c+11 <= width; c++ {
			each := func(f func(w, x, y float64)) {
				for i := range w {
					for j := range w[i] {
						at := (r+i)*width + c + j
						f(w[i][j]/total, float64(a[at]), float64(b[at]))
					}
				}
			}
			var ma, mb, va, vb, cov float64
			each(func(w, x, y float64) { ma += w * x; mb += w * y })
			each(func(w, x, y float64) {
				va += w * (x - ma) * (x - ma)
				vb += w * (y - mb) * (y - mb)
				cov += w * (x - ma) * (y - mb)
			})
			c1, c2 := 0.0001*peak*peak, 0.0009*peak*peak
			sum += (2*ma*mb + c1) / (ma*ma + mb*mb + c1) * (2*cov + c2) / (va + vb + c2)
			count++
		}
	}
	return sum / float64(count)
}

func TestSSIM(t *testing.T) {
	const height, width = 14, 17
	rng := rand.New(rand.NewPCG(1, 1))
	var a, b []float32
	for range 2 * height * width {
		x := rng.Float32()
		a, b = append(a, x), append(b, x+0.3*rng.Float32())
	}
	same, err := SSIM(a, a, height, width, 1)
	require.NoError(t, err)
	require.InDelta(t, 1, same, 1e-12)
	n := height * width
	want := (slowSSIM(a[:n], b[:n], height, width, 1) + slowSSIM(a[n:], b[n:], height, width, 1)) / 2
	got, err := SSIM(a, b, height, width, 1)
	require.NoError(t, err)
	require.InDelta(t, want, got, 1e-10) // cancellation in E(x²) − E(x)²
	require.Less(t, got, 0.95)
	// Constant images of x and y: (2xy + C₁)/(x² + y² + C₁).
	for i := range a {
		a[i], b[i] = 0.5, 0.25
	}
	got, err = SSIM(a, b, height, width, 1)
	require.NoError(t, err)
	require.InDelta(t, (0.25+1e-4)/(0.25+0.0625+1e-4), got, 1e-12)
}

// TestFrechet: in one dimension it is (μa − μb)² + (σa − σb)², and for diagonal
// covariances the sum of that over dimensions.
func TestFrechet(t *testing.T) {
	got, err := Frechet([]float32{-1, 1}, []float32{0, 6}, 1) // μ 0 and 3, variances 2 and 18
	require.NoError(t, err)
	require.InDelta(t, 9+math.Pow(math.Sqrt(18)-math.Sqrt(2), 2), got, 1e-12)
	a := []float32{-1, -1, -1, 1, 1, -1, 1, 1} // variances 4/3, no covariance
	b := make([]float32, len(a))
	for i := range a {
		b[i] = 3*a[i] + float32(1+i%2)
	}
	got, err = Frechet(a, b, 2)
	require.NoError(t, err)
	require.InDelta(t, 1+4+2*4*4./3, got, 1e-12)
	got, err = Frechet(a, a, 2)
	require.NoError(t, err)
	require.InDelta(t, 0, got, 1e-12)
	// A rotation of both changes nothing; covariances that do not commute: with Ca = I·s,
	// (Ca·Cb)^½ = √s·Cb^½, whose trace is that of the roots of Cb's eigenvalues, here of
	// [[5,4],[4,5]]·4/3: 9 and 1 times 4/3.
	for i := 0; i < len(a); i += 2 {
		b[i], b[i+1] = 2*a[i]+a[i+1], a[i]+2*a[i+1]
	}
	got, err = Frechet(a, b, 2)
	require.NoError(t, err)
	s := 4. / 3
	require.InDelta(t, 2*s+10*s-2*s*(3+1), got, 1e-12)
	// Fewer examples than dimensions: singular covariances.
	_, err = Frechet([]float32{1, 2, 3, 4, 5, 7}, []float32{1, 0, 3, 4, 5, 1}, 3)
	require.NoError(t, err)
}

// TestFrechetTiny has two features that do not depend on each other, of variances 8/7 and
// 9·8/7, and two more of a size below all rounding, which make a block of the product that
// is so small that LAPACK scales it. They add nothing.
func TestFrechetTiny(t *testing.T) {
	walsh := func(i, k int) float32 { return 1 - 2*float32(bits.OnesCount(uint(i&k))%2) }
	var a, b []float32
	for i := range 8 {
		x, y, u, v := walsh(i, 1), walsh(i, 2), 1e-35*walsh(i, 3), 1e-35*walsh(i, 4)
		a = append(a, x, y, u, v)
		b = append(b, 3*x, 3*y, u+v, u+2*v)
	}
	got, err := Frechet(a, b, 4)
	require.NoError(t, err)
	require.InDelta(t, 2*4*8./7, got, 1e-12)
}

// TestFrechetDead: features that are 0 for all of b leave the eigenvalues of Ca·Cb, but for
// zeros, as they are without them, and add their means squared and variances in a.
func TestFrechetDead(t *testing.T) {
	const dim, live, n = 40, 15, 100
	rng := rand.New(rand.NewPCG(1, 2))
	var a, b, liveA, liveB []float32
	sum, squares := [dim]float64{}, [dim]float64{}
	for range n {
		common := rng.NormFloat64()
		for k := range dim {
			x, y := float32(math.Abs(rng.NormFloat64()+common)), float32(math.Abs(rng.NormFloat64()-common))
			if k >= live {
				y = 0
				sum[k] += float64(x)
				squares[k] += float64(x) * float64(x)
			} else {
				liveA, liveB = append(liveA, x), append(liveB, y)
			}
			a, b = append(a, x), append(b, y)
		}
	}
	want, err := Frechet(liveA, liveB, live)
	require.NoError(t, err)
	for k := live; k < dim; k++ {
		mean := sum[k] / n
		want += mean*mean + (squares[k]-n*mean*mean)/(n-1)
	}
	got, err := Frechet(a, b, dim)
	require.NoError(t, err)
	require.InDelta(t, want, got, 1e-9*want) // far above rounding
}

func TestErrors(t *testing.T) {
	nan := float32(math.NaN())
	ones := make([]float32, 144)
	call := func(_ any, err error) error { return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{call(Argmax(nil, 2, 1)), "Argmax: 0 scores"},
		{call(Argmax([]float32{1, 2, 3}, 2, 1)), "Argmax: 3 scores, want a multiple of 2 classes times 1 pixels"},
		{call(Argmax([]float32{1, 2}, 2, 2)), "Argmax: 2 scores, want a multiple of 2 classes times 2"},
		{call(Argmax([]float32{1, 2}, 0, 1)), "Argmax: 0 classes"},
		{call(Argmax([]float32{1, nan}, 2, 1)), "Argmax: scores[1] is NaN"},
		{call(Accuracy([]float32{1, 2}, []float32{2}, 2)), "Accuracy: metric: Agreement: labels[0] is 2, want a class from 0 to 1"},
		{call(Confusion([]float32{1}, []float32{1, 1}, 2)), "Confusion: 1 predictions for 2 labels"},
		{call(Confusion([]float32{0.5}, []float32{1}, 2)), "Confusion: pred[0] is 0.5"},
		{call(Confusion(nil, nil, 2)), "Confusion: 0 predictions"},
		{call(MeanIoU([]float32{1}, []float32{nan}, 2)), "MeanIoU: labels[0] is NaN"},
		{call(MeanIoU([]float32{1}, []float32{1}, 0)), "MeanIoU: 0 classes"},
		{call(PSNR([]float32{1}, []float32{1, 2}, 1)), "PSNR: 1 numbers of a, 2 of b"},
		{call(PSNR([]float32{1}, []float32{nan}, 1)), "PSNR: b[0] is NaN"},
		{call(PSNR([]float32{1}, []float32{1}, 0)), "PSNR: peak is 0"},
		{call(SSIM(ones, ones, 12, 12, -1)), "SSIM: peak is -1"},
		{call(SSIM(ones, ones, 10, 12, 1)), "SSIM: images of 10×12 pixels, want at least 11×11"},
		{call(SSIM(ones, ones, 11, 12, 1)), "SSIM: 144 numbers, want a multiple of 11×12"},
		{call(SSIM(nil, nil, 11, 12, 1)), "SSIM: 0 numbers"},
		{call(Frechet(ones, ones, 0)), "Frechet: dim is 0"},
		{call(Frechet(ones, ones, 100)), "Frechet: 144 numbers of a, want a multiple of dim, 100"},
		{call(Frechet(ones, ones[:12], 12)), "Frechet: 12 numbers of b"},
		{call(Frechet([]float32{1, nan}, ones, 1)), "Frechet: a[1] is NaN"},
	} {
		require.ErrorContains(t, c.err, "metric: "+c.want)
	}
}
