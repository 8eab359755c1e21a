package models

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// MSE returns the mean squared error of the prediction, a scalar node. The nodes
// must have equal shapes.
func MSE(pred, target *gorgonia.Node) (*gorgonia.Node, error) {
	if err := checkNode(pred); err != nil {
		return nil, fmt.Errorf("models: MSE: prediction %w", err)
	}
	if err := checkNode(target); err != nil {
		return nil, fmt.Errorf("models: MSE: target %w", err)
	}
	if !slices.Equal(pred.Shape(), target.Shape()) { // Shape.Eq takes (n) for (n, 1)
		return nil, fmt.Errorf("models: MSE: prediction of shape %v, target of shape %v", pred.Shape(), target.Shape())
	}
	d, err := gorgonia.Sub(pred, target)
	if err == nil {
		d, err = gorgonia.Square(d)
	}
	if err == nil {
		d, err = mean(d)
	}
	if err != nil {
		return nil, fmt.Errorf("models: MSE: %w", err)
	}
	return d, nil
}
