package nb

import (
	"encoding/base64"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// publisher sends a message of Jupyter's protocol about the cell that runs.
type publisher func(kind string, content interface{}) error

var (
	publishing sync.Mutex
	publish    publisher
	displays   atomic.Int64
)

// SetPublisher is called by the kernel before a cell runs, and with nil after it.
func SetPublisher(f func(kind string, content interface{}) error) {
	publishing.Lock()
	defer publishing.Unlock()
	publish = f
}

// Shown is an output of a cell that can be replaced while the cell runs.
type Shown struct {
	id    string
	begun bool
}

// NewShown returns an output that is there from the first Show on.
func NewShown() *Shown {
	return &Shown{id: fmt.Sprintf("ditac-%d-%d", os.Getpid(), displays.Add(1))}
}

// bundle is the content of the messages display_data and update_display_data.
type bundle struct {
	Data      map[string]interface{} `json:"data"`
	Metadata  map[string]interface{} `json:"metadata"`
	Transient map[string]interface{} `json:"transient"`
}

// Show puts a picture, with a text for front ends without pictures, in the place of what was
// shown before. Outside a notebook it does nothing.
func (s *Shown) Show(png []byte, text string) error {
	data := map[string]interface{}{"text/plain": text}
	if png != nil {
		data["image/png"] = base64.StdEncoding.EncodeToString(png)
	}
	publishing.Lock()
	defer publishing.Unlock()
	if publish == nil {
		return nil
	}
	kind := "display_data"
	if s.begun {
		kind = "update_display_data"
	}
	s.begun = true
	return publish(kind, bundle{Data: data, Metadata: map[string]interface{}{}, Transient: map[string]interface{}{"display_id": s.id}})
}
