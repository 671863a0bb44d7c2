// Package conf declares, loads and checks Twofold's configuration.
package conf
