package ptxsim

import (
	"fmt"
	"strings"
)

// token is a word (letters, digits and _ . $ %) or one character of punctuation.
type token struct {
	text string
	line int
	pos  int // in the source
	word bool
}

// scan splits a PTX text into tokens and drops comments.
func scan(src string) ([]token, error) {
	var tokens []token
	line := 1
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c == '\n':
			line++
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case strings.HasPrefix(src[i:], "//"):
			if n := strings.IndexByte(src[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(src)
			}
		case strings.HasPrefix(src[i:], "/*"):
			n := strings.Index(src[i+2:], "*/")
			if n < 0 {
				return nil, fmt.Errorf("PTX line %d: comment without end", line)
			}
			line += strings.Count(src[i:i+2+n], "\n")
			i += n + 4
		case c == '"':
			n := strings.IndexByte(src[i+1:], '"')
			if n < 0 {
				return nil, fmt.Errorf("PTX line %d: string without end", line)
			}
			tokens = append(tokens, token{src[i : i+n+2], line, i, false})
			i += n + 2
		case wordByte(c):
			n := i
			for n < len(src) && wordByte(src[n]) {
				n++
			}
			tokens = append(tokens, token{src[i:n], line, i, true})
			i = n
		case strings.IndexByte("{}()[]<>,;:@!+-=|", c) >= 0:
			tokens = append(tokens, token{src[i : i+1], line, i, false})
			i++
		default:
			return nil, fmt.Errorf("PTX line %d: unexpected character %q", line, c)
		}
	}
	return tokens, nil
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '.' || c == '$' || c == '%'
}
