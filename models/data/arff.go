package data

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// ReadARFF reads a file of the attribute-relation format of weka, plain or compressed
// by gzip. Attributes are numeric, real, integer, or nominal: a list of words in
// braces, whose order is that of the classes. Sparse rows, strings and dates are
// errors. Otherwise it does as [ReadCSV].
//
// The format: Witten & Frank, "Data Mining", 2nd edition, section 2.4.
func ReadARFF(ctx context.Context, path string, opts TableOptions) (*Set, *Report, error) {
	return readTable(ctx, "ReadARFF", path, opts, parseARFF)
}

// ParseARFF is [ReadARFF] of a reader. name says in errors what is read.
func ParseARFF(ctx context.Context, r io.Reader, name string, opts TableOptions) (*Set, *Report, error) {
	return parseTable(ctx, r, "ParseARFF", name, opts, parseARFF)
}

// maxLine bounds a line of an ARFF file.
const maxLine = 1 << 24

func parseARFF(ctx context.Context, r *bufio.Reader, _ TableOptions) (*table, error) {
	t := &table{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	data := false
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '%' {
			continue
		}
		var err error
		switch keyword := strings.ToLower(strings.Fields(line)[0]); {
		case data:
			err = t.arffRow(ctx, line, n)
		case keyword == "@relation":
		case keyword == "@attribute":
			err = t.attribute(strings.TrimSpace(line[len(keyword):]))
		case keyword == "@data":
			data = true
		default:
			err = fmt.Errorf("%q, want @relation, @attribute or @data", line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, truncated(err))
	}
	if len(t.rows) == 0 {
		return nil, fmt.Errorf("no rows of data")
	}
	return t, nil
}

// attribute takes the declaration of a column: its name and its type.
func (t *table) attribute(s string) error {
	cells, rest, err := words(s, " \t", 1)
	if err != nil {
		return err
	}
	if len(cells) == 0 || cells[0] == "" {
		return fmt.Errorf("an attribute without a name")
	}
	name, kind := cells[0], uncomment(strings.TrimSpace(rest))
	var nominal []string
	switch lower := strings.ToLower(kind); {
	case lower == "numeric" || lower == "real" || lower == "integer":
	case strings.HasPrefix(kind, "{") && strings.HasSuffix(kind, "}"):
		if nominal, _, err = words(kind[1:len(kind)-1], ",", -1); err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
	default:
		return fmt.Errorf("attribute %q has the type %q, want numeric, real, integer or a list in braces", name, kind)
	}
	t.names, t.nominal, t.numeric = append(t.names, name), append(t.nominal, nominal), append(t.numeric, nominal == nil)
	return nil
}

// uncomment cuts off a comment behind an attribute's type. A percent sign may be in a
// quoted word of a list, but not behind its last brace.
func uncomment(kind string) string {
	end := strings.LastIndex(kind, "}") + 1
	before, _, _ := strings.Cut(kind[end:], "%")
	return strings.TrimSpace(kind[:end] + before)
}

func (t *table) arffRow(ctx context.Context, line string, n int) error {
	if line[0] == '{' {
		return fmt.Errorf("a sparse row, which is not supported")
	}
	row, _, err := words(line, ",", -1)
	if err != nil {
		return err
	}
	if len(row) != len(t.names) {
		return fmt.Errorf("%d cells for %d attributes", len(row), len(t.names))
	}
	return t.add(ctx, row, n)
}

// words splits text at any of the separators, at most limit times if that is not
// negative, and returns what is after the last split. Words may be in quotes of either
// kind, in which a backslash makes the next character an ordinary one.
func words(s, separators string, limit int) (list []string, rest string, err error) {
	var word strings.Builder
	var quote rune
	escaped := false
	for i, c := range s {
		switch {
		case escaped:
			word.WriteRune(c)
			escaped = false
		case quote != 0 && c == '\\':
			escaped = true
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"') && strings.TrimSpace(word.String()) == "":
			word.Reset()
			quote = c
		case quote == 0 && strings.ContainsRune(separators, c):
			list = append(list, strings.TrimSpace(word.String()))
			word.Reset()
			if len(list) == limit {
				return list, s[i+1:], nil
			}
		default:
			word.WriteRune(c)
		}
	}
	if quote != 0 {
		return nil, "", fmt.Errorf("a quote %q without its end", quote)
	}
	return append(list, strings.TrimSpace(word.String())), "", nil
}
