// Package ops is what the machine room sees of Twofold: metrics for
// Prometheus at /metrics, whether the process runs at /livez, and whether it
// can answer logins at /readyz.
//
// Metrics collects. What happens is counted as it is told, by the hooks of the
// front-ends and adapters; what merely stands there, such as the length of a
// queue, is read from snapshots when metrics are. Neither side knows of the
// other: cmd ties them together.
// Server serves, in clear and without a password, and therefore on loopback
// unless configured otherwise: nothing here names a user, an address or a
// secret (I10).
//
// Labels are bounded (I12). A reason is one of core's table, a client or a
// directory one of the configuration's; whatever else a caller passes counts
// as "other". Series of clients that left the configuration are dropped, and a
// snapshot has at most 1024 of them.
//
// Readiness runs its checks at most once a second, however often it is asked,
// so that a probe cannot become a load on the directory.
package ops
