package dashboard

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"net/http"

	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/train"
)

// Explanation says what contributed to what a trained network does; the page shows it with the
// run.
type Explanation struct {
	// Ablation is of the activations: the loss with each alone at its start, and with each alone
	// as it was trained. Nil: none.
	Ablation *explain.Ablation
	// Pictures are, for instance, of integrated gradients (models/plots), at most 8.
	Pictures []Picture
}

// Picture is a picture of an Explanation.
type Picture struct {
	Title string // what is to be seen, for those too who cannot see it; at most 300 bytes
	PNG   []byte // the picture in this format, at most 2 MiB
}

const (
	maxPictures = 8
	maxTitle    = 300
	maxPNG      = 2 << 20
)

// explanation is an Explanation in a run's file.
type explanation struct {
	Ablation *ablation `json:"ablation,omitempty"`
	Pictures []Picture `json:"pictures,omitempty"`
}

type ablation struct {
	Loss        number    `json:"loss"`
	Start       number    `json:"start"`
	Activations []ablated `json:"activations"`
}

type ablated struct {
	Name   string `json:"name"`
	Params int    `json:"params"`
	Moved  number `json:"moved"`
	Reset  number `json:"reset"`
	Kept   number `json:"kept"`
}

// Explain adds an explanation to the run of an observer that Run returned, whose training has
// ended; one that it had is replaced. It is kept in the run's file.
func (b *Board) Explain(o train.Observer, e Explanation) error {
	if err := b.explain(o, e); err != nil {
		return fmt.Errorf("dashboard: Explain: %w", err)
	}
	return nil
}

func (b *Board) explain(o train.Observer, e Explanation) error {
	of, ok := o.(*observer)
	if !ok || of.board != b {
		return errors.New("the observer is not one of this board's Run")
	}
	if of.run != nil || of.past == nil {
		return fmt.Errorf("the training of run %q has not ended", of.want)
	}
	if err := e.check(); err != nil {
		return err
	}
	r := of.past
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live {
		return fmt.Errorf("run %q is in another training", r.name)
	}
	f, err := openFile(b.path(r.name), r.read)
	if err != nil {
		return err
	}
	l := line{Explain: e.line()}
	if err := errors.Join(f.add(l), f.close()); err != nil {
		return err
	}
	r.apply(l)
	r.lines++
	r.read, r.size = f.written, f.written
	return nil
}

// check says what is wrong with the pictures.
func (e Explanation) check() error {
	if len(e.Pictures) > maxPictures {
		return fmt.Errorf("Explanation.Pictures has %d pictures, want at most %d", len(e.Pictures), maxPictures)
	}
	for i, p := range e.Pictures {
		if len(p.Title) > maxTitle {
			return fmt.Errorf("the title of picture %d has %d bytes, want at most %d", i, len(p.Title), maxTitle)
		}
		if len(p.PNG) > maxPNG {
			return fmt.Errorf("picture %d (%q) has %d bytes, want at most %d", i, p.Title, len(p.PNG), maxPNG)
		}
		if _, err := png.DecodeConfig(bytes.NewReader(p.PNG)); err != nil {
			return fmt.Errorf("picture %d (%q) is no PNG: %w", i, p.Title, err)
		}
	}
	return nil
}

func (e Explanation) line() *explanation {
	out := &explanation{Pictures: e.Pictures}
	if a := e.Ablation; a != nil {
		out.Ablation = &ablation{Loss: number(a.Loss), Start: number(a.Start)}
		for _, x := range a.Activations {
			out.Ablation.Activations = append(out.Ablation.Activations,
				ablated{x.Name, x.Params, number(x.Moved), number(x.Reset), number(x.Kept)})
		}
	}
	return out
}

// explained is what the page is told of an explanation; it asks for the pictures one by one.
type explained struct {
	Ablation *ablation `json:"ablation"`
	Pictures []string  `json:"pictures"` // their titles
}

func (b *Board) serveExplain(w http.ResponseWriter, r *http.Request) {
	found, _ := b.ask(w, r)
	if found == nil {
		return
	}
	out := explained{Pictures: []string{}}
	if e := found.explanation(); e != nil {
		out.Ablation = e.Ablation
		for _, p := range e.Pictures {
			out.Pictures = append(out.Pictures, p.Title)
		}
	}
	answer(w, out)
}

func (b *Board) servePicture(w http.ResponseWriter, r *http.Request) {
	found, n := b.ask(w, r, "picture")
	if found == nil {
		return
	}
	e, i := found.explanation(), n["picture"]
	if e == nil || i < 0 || i >= len(e.Pictures) {
		http.Error(w, fmt.Sprintf("run %q has no picture %d", found.name, i), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(e.Pictures[i].PNG) // a client that is gone is no error
}

// explanation returns that of the run; nil: none.
func (r *run) explanation() *explanation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.explained
}
