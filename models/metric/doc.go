// Package metric measures how good outputs are, on plain slices: of classifiers
// ([Accuracy], [Confusion], [MeanIoU]), of regressions ([R2]), of images ([PSNR], [SSIM])
// and of generated examples ([Frechet]).
//
// Slices hold one example after another, as package data's sets and train.Predictor's
// outputs do. A slice of a wrong length, and a number that is NaN or infinite, is an error
// that names it.
package metric
