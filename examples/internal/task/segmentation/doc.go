// Package segmentation is the task of saying for each pixel of a picture which kind of
// thing it belongs to: emoji, whose opacity gives exact masks, lie on random textures, and
// a small U-Net names the class of each pixel. It is tested on scenes of emoji that
// training never saw.
package segmentation
