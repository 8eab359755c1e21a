package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	// maxStreams is the most clients that are told of changes at a time.
	maxStreams = 64
	// eventGap is the least time between two events of a client, and heartbeat the most.
	eventGap  = 500 * time.Millisecond
	heartbeat = 15 * time.Second
)

// serveEvents tells a client, by server-sent events, which runs there are and how far they
// are, whenever that has changed. A client asks for the rest. What happens is not queued for
// clients: a slow one sees fewer events, and one that takes none for b.writeTime is dropped.
func (b *Board) serveEvents(w http.ResponseWriter, r *http.Request) {
	select {
	case b.clients <- struct{}{}:
		defer func() { <-b.clients }()
	default:
		http.Error(w, fmt.Sprintf("there are %d clients already", maxStreams), http.StatusServiceUnavailable)
		return
	}
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(eventGap)
	defer tick.Stop()
	var before []byte
	var sent time.Time
	for {
		text, err := json.Marshal(b.summaries())
		if err != nil {
			return
		}
		message := fmt.Sprintf("event: runs\ndata: %s\n\n", text)
		if bytes.Equal(text, before) {
			message = ":\n\n"
		}
		if !bytes.Equal(text, before) || time.Since(sent) > heartbeat {
			before, sent = text, time.Now()
			_ = out.SetWriteDeadline(sent.Add(b.writeTime))
			if _, err := w.Write([]byte(message)); err != nil {
				return
			}
			if err := out.Flush(); err != nil {
				return
			}
		}
		if r.Method == http.MethodHead {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}
