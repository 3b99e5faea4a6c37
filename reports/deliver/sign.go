package deliver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook.
const (
	SignatureHeader   = "Roundtrip-Signature"
	IdempotencyHeader = "Idempotency-Key"
)

// minSecret is the least length of a secret.
const minSecret = 16

// Sign is the value of the signature header: t= the time in seconds since 1970,
// and for each secret v1= the HMAC-SHA256, in hexadecimal, of that number, a dot
// and the body.
func Sign(body []byte, at time.Time, secrets ...Secret) string {
	var b strings.Builder
	stamp := strconv.FormatInt(at.Unix(), 10)
	b.WriteString("t=" + stamp)
	for _, secret := range secrets {
		b.WriteString(",v1=" + hex.EncodeToString(mac(secret, stamp, body)))
	}
	return b.String()
}

func mac(secret Secret, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// ErrSignature is why Verify refuses a body.
var ErrSignature = errors.New("the signature does not hold")

// Verify checks the signature header of a body: one of its signatures must be of
// one of the secrets, and its time within tolerance of now. The error wraps
// ErrSignature.
func Verify(header string, body []byte, now time.Time, tolerance time.Duration, secrets ...Secret) error {
	var stamp string
	var given [][]byte
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			if b, err := hex.DecodeString(value); err == nil {
				given = append(given, b)
			}
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the header has no time", ErrSignature)
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return fmt.Errorf("%w: it is of %s, %s from now; at most %s are allowed", ErrSignature, time.Unix(seconds, 0).UTC().Format(time.RFC3339), age, tolerance)
	}
	for _, secret := range secrets {
		want := mac(secret, stamp, body)
		for _, g := range given {
			if hmac.Equal(g, want) {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: none of its %d is of these secrets", ErrSignature, len(given))
}
