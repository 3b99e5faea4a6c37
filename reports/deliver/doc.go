// Package deliver hands a parcel to a recipient: a folder, a webhook, a
// Slack-compatible webhook, e-mail or an Atom feed.
//
// A parcel has a key. Every attempt to deliver it carries the same key, in the
// form that the recipient understands, so that a receiver that has taken a parcel
// and could not say so takes the next attempt for what it is. Folder and feed are
// idempotent themselves.
//
// An error says whether another attempt can help. When that is, Next tells from
// the key and the number of attempts alone.
package deliver
