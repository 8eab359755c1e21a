package metric_test

import (
	"fmt"
	"log"

	"github.com/ditac-go/ditac/models/metric"
)

func ExampleR2() {
	score, err := metric.R2([]float64{2.5, 0, 2, 8}, []float64{3, -0.5, 2, 7})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f\n", score)
	// Output: 0.9486
}

func ExampleAccuracy() {
	logits := []float32{2, 1, 0, 3, 5, 4} // three examples, two classes
	score, err := metric.Accuracy(logits, []float32{0, 1, 1}, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", score)
	// Output: 0.667
}

// The example scores a segmentation of one image of 2×2 pixels.
func ExampleMeanIoU() {
	logits := []float32{ // of background, then of object
		1, 0, 0, 0,
		0, 1, 1, 1,
	}
	labels := []float32{0, 0, 1, 1}
	pred, err := metric.Argmax(logits, 2, 4)
	if err != nil {
		log.Fatal(err)
	}
	right, err := metric.Agreement(pred, labels, 2)
	if err != nil {
		log.Fatal(err)
	}
	iou, err := metric.MeanIoU(pred, labels, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("pixels %.2f, mean IoU %.3f\n", right, iou)
	// Output: pixels 0.75, mean IoU 0.583
}

func ExampleConfusion() {
	m, err := metric.Confusion([]float32{0, 1, 1, 1}, []float32{0, 0, 1, 1}, 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m)
	// Output: [[1 1] [0 2]]
}

// The example compares a picture with a darker one.
func ExamplePSNR() {
	const side = 16
	picture, darker := make([]float32, side*side), make([]float32, side*side)
	for i := range picture {
		picture[i] = float32(i%side) / side
		darker[i] = picture[i] * 0.9
	}
	psnr, err := metric.PSNR(picture, darker, 1)
	if err != nil {
		log.Fatal(err)
	}
	ssim, err := metric.SSIM(picture, darker, side, side, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("PSNR %.2f dB, SSIM %.4f\n", psnr, ssim)
	// Output: PSNR 25.19 dB, SSIM 0.9893
}

func ExampleSSIM() {
	flat := make([]float32, 11*11)
	ssim, err := metric.SSIM(flat, flat, 11, 11, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ssim)
	// Output: 1
}

func ExampleFrechet() {
	real, generated := []float32{-1, 1}, []float32{2, 4} // one feature each, moved by 3
	d, err := metric.Frechet(real, generated, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f\n", d)
	// Output: 9.0
}
