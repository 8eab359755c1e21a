// Package pace keeps what observers of a training do beside it to a share of its time.
package pace

import "time"

// share is the share of the time of training that work beside it may take.
const share = 0.01

// Pace says when there is time for the next piece of work, counting it as long as the last.
type Pace struct {
	Free time.Duration // what may be spent beside the share
	Gap  time.Duration // the least time between two pieces

	last  time.Duration // when the last piece was, on the training's clock
	spent time.Duration
	cost  time.Duration // of the last piece
}

// Due says whether there is time, now on the training's clock: whether with a piece as long as
// the last at most Free and 1 % of the training were spent.
func (p *Pace) Due(now time.Duration) bool {
	return now-p.last >= p.Gap && p.spent+p.cost <= p.Free+time.Duration(share*float64(now))
}

// Took notes a piece that began at now, on the training's clock, and took d.
func (p *Pace) Took(now, d time.Duration) {
	p.last, p.cost = now, d
	p.spent += d
}

// Start notes a piece that took d before the training's clock began: it says how long the
// next may take, and is not counted.
func (p *Pace) Start(d time.Duration) { p.last, p.spent, p.cost = 0, 0, d }
