package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
)

// AppendCanonical appends the canonical form of a record: one JSON object with
// the fields in declared order, each value as its CSV text (a list as an array
// of texts), absent values and defaults left out. Two records are the same
// exactly when their kinds and canonical forms are. Stores keep it, hashes are
// taken of it.
func AppendCanonical(dst []byte, r Record) []byte {
	dst = append(dst, '{')
	first := true
	for _, f := range Fields(r.Key().Kind) {
		if f.Derived {
			continue
		}
		list := f.List(r)
		text := ""
		if len(list) == 0 {
			text = f.Text(r)
			if text == "" || f.Type == FlagField && text == f.Default {
				continue
			}
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendQuoted(dst, f.Name)
		dst = append(dst, ':')
		if len(list) == 0 {
			dst = appendQuoted(dst, text)
			continue
		}
		dst = append(dst, '[')
		for i, item := range list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendQuoted(dst, item)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// ParseCanonical reads AppendCanonical's form back. It checks forms and allowed
// values, not references.
func ParseCanonical(k RecordKind, b []byte) (Record, error) {
	var cells map[string]json.RawMessage
	if err := json.Unmarshal(b, &cells); err != nil {
		return nil, fmt.Errorf("a stored %s is not canonical: %w", k, err)
	}
	r := NewRecord(k)
	for _, f := range Fields(k) {
		raw, ok := cells[f.Name]
		if !ok {
			continue
		}
		if f.Type == ListField {
			var items []string
			if err := json.Unmarshal(raw, &items); err != nil {
				return nil, fmt.Errorf("a stored %s has a bad list %s: %w", k, f.Name, err)
			}
			f.SetList(r, items)
			continue
		}
		var cell string
		if err := json.Unmarshal(raw, &cell); err != nil {
			return nil, fmt.Errorf("a stored %s has a bad field %s: %w", k, f.Name, err)
		}
		if err := f.Set(r, cell); err != nil {
			return nil, fmt.Errorf("a stored %s has a bad field %s: %w", k, f.Name, err)
		}
	}
	return r, nil
}

// Same tells whether two records are of one kind and equal in every field.
func Same(a, b Record) bool {
	return a.Key() == b.Key() && bytes.Equal(AppendCanonical(nil, a), AppendCanonical(nil, b))
}

func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x80 {
			var b bytes.Buffer
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			_ = e.Encode(s) // a string always encodes
			return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// Hash is the content hash of a graph: the sum modulo 2^256 of the digests of
// its records, so it does not depend on their order and can be kept up to date
// as records come and go. The hash of the empty graph is zero.
type Hash [4]uint64 // least significant word first

// Digest is the SHA-256 of the record's kind and canonical form.
func Digest(r Record) Hash {
	k := r.Key().Kind
	return DigestCanonical(k, AppendCanonical(nil, r))
}

// DigestCanonical is Digest for a record whose canonical form is at hand.
func DigestCanonical(k RecordKind, canonical []byte) Hash {
	h := sha256.New()
	h.Write([]byte(k.String()))
	h.Write([]byte{'\n'})
	h.Write(canonical)
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return hashFromBytes(sum)
}

// Plus is the hash after a record with that digest was added.
func (h Hash) Plus(d Hash) Hash {
	var carry uint64
	for i := range h {
		h[i], carry = bits.Add64(h[i], d[i], carry)
	}
	return h
}

// Minus is the hash after a record with that digest was taken away.
func (h Hash) Minus(d Hash) Hash {
	var borrow uint64
	for i := range h {
		h[i], borrow = bits.Sub64(h[i], d[i], borrow)
	}
	return h
}

// String is 64 hex digits.
func (h Hash) String() string {
	var b [sha256.Size]byte
	for i, w := range h {
		for j := range 8 {
			b[len(b)-1-8*i-j] = byte(w >> (8 * j))
		}
	}
	return hex.EncodeToString(b[:])
}

// ParseHash reads String's form.
func ParseHash(text string) (Hash, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != sha256.Size {
		return Hash{}, fmt.Errorf("%q is not a content hash; want %d hex digits", text, 2*sha256.Size)
	}
	return hashFromBytes([sha256.Size]byte(b)), nil
}

func hashFromBytes(b [sha256.Size]byte) Hash {
	var h Hash
	for i := range h {
		for j := range 8 {
			h[i] |= uint64(b[len(b)-1-8*i-j]) << (8 * j)
		}
	}
	return h
}
