package metric

import "fmt"

// Argmax returns the class with the largest score, the first of equal ones, for each pixel
// of each example. The scores of an example are those of all pixels for the first class,
// then those for the next: (classes, height, width) with pixels = height·width, and pixels
// = 1 for plain classification.
func Argmax(scores []float32, classes, pixels int) ([]float32, error) {
	if classes < 1 || pixels < 1 {
		return nil, fmt.Errorf("metric: Argmax: %d classes and %d pixels, want at least 1", classes, pixels)
	}
	if len(scores) == 0 || len(scores)%classes != 0 || len(scores)/classes%pixels != 0 {
		return nil, fmt.Errorf("metric: Argmax: %d scores, want a multiple of %d classes times %d pixels", len(scores), classes, pixels)
	}
	if err := checkFinite("scores", scores); err != nil {
		return nil, fmt.Errorf("metric: Argmax: %w", err)
	}
	out := make([]float32, 0, len(scores)/classes)
	for ; len(scores) > 0; scores = scores[classes*pixels:] {
		for p := range pixels {
			best := 0
			for k := range classes {
				if scores[k*pixels+p] > scores[best*pixels+p] {
					best = k
				}
			}
			out = append(out, float32(best))
		}
	}
	return out, nil
}

// Accuracy returns the fraction of examples whose label, the index of a class, is the class
// with the largest of the example's logits. Images with a label for each pixel go through
// Argmax and [Agreement].
func Accuracy(logits, labels []float32, classes int) (float64, error) {
	pred, err := Argmax(logits, classes, 1)
	if err == nil {
		var a float64
		if a, err = Agreement(pred, labels, classes); err == nil {
			return a, nil
		}
	}
	return 0, fmt.Errorf("metric: Accuracy: %w", err)
}

// Agreement returns the fraction of the labels that pred, classes too, has right.
func Agreement(pred, labels []float32, classes int) (float64, error) {
	m, err := confusion(pred, labels, classes)
	if err != nil {
		return 0, fmt.Errorf("metric: Agreement: %w", err)
	}
	right := 0
	for k := range m {
		right += m[k][k]
	}
	return float64(right) / float64(len(labels)), nil
}

// Confusion returns the matrix whose element [i][j] is the number of examples, or pixels,
// of class i that pred says are of class j. pred and labels are indices of classes.
func Confusion(pred, labels []float32, classes int) ([][]int, error) {
	m, err := confusion(pred, labels, classes)
	if err != nil {
		return nil, fmt.Errorf("metric: Confusion: %w", err)
	}
	return m, nil
}

func confusion(pred, labels []float32, classes int) ([][]int, error) {
	if classes < 1 {
		return nil, fmt.Errorf("%d classes, want at least 1", classes)
	}
	if len(pred) != len(labels) || len(pred) == 0 {
		return nil, fmt.Errorf("%d predictions for %d labels, want as many and at least 1", len(pred), len(labels))
	}
	m := make([][]int, classes)
	for k := range m {
		m[k] = make([]int, classes)
	}
	for i := range pred {
		is, err := classOf("labels", i, labels[i], classes)
		if err != nil {
			return nil, err
		}
		said, err := classOf("pred", i, pred[i], classes)
		if err != nil {
			return nil, err
		}
		m[is][said]++
	}
	return m, nil
}

// MeanIoU returns the mean over classes of intersection over union: the number of pixels
// that are of the class and said to be, over that of pixels that are of it or said to be. A
// class of which no pixel is, or is said to be, does not count. pred and labels are indices
// of classes, see [Argmax].
func MeanIoU(pred, labels []float32, classes int) (float64, error) {
	m, err := confusion(pred, labels, classes)
	if err != nil {
		return 0, fmt.Errorf("metric: MeanIoU: %w", err)
	}
	sum, count := 0., 0
	for k := range m {
		union := -m[k][k]
		for j := range m {
			union += m[k][j] + m[j][k]
		}
		if union > 0 {
			sum += float64(m[k][k]) / float64(union)
			count++
		}
	}
	return sum / float64(count), nil
}
