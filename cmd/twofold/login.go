package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
)

func loginCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "login",
		Usage:     "run a login through the server, and explain each step",
		ArgsUsage: "USER",
		Description: "The attempt is a real one, as the client would make it: codes are consumed, wrong ones counted,\n" +
			"the password is bound. It is asked for without echo, or read from a file (`-`: standard input).\n" +
			"With --code the code comes along; whatever challenge follows is answered by asking. Without\n" +
			"--client the rules are those of the only client, or of the HTTP API where there are several.\n" +
			"Exit status 0: accepted.\n\n" +
			"Example: twofold login --client vpn alice",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "client", Usage: "as over the client `NAME`"},
			&cli.StringFlag{Name: "password-file", TakesFile: true, Usage: "read the password from the first line of `FILE`"},
			&cli.StringFlag{Name: "code", Usage: "bring the one-time code `CODE`"},
			jsonFlag(),
		},
	}, func(c *cli.Context) error {
		return ask(c, func(ctx context.Context, server *httpapi.Client) error {
			if err := knock(ctx, c, server); err != nil {
				return err
			}
			password, err := askPassword(c)
			if err != nil {
				return err
			}
			return login(ctx, c, server, password)
		})
	})
}

// knock finds what a password would not help: no server, or no such client.
// Whatever is wrong with the person is for the login to tell.
func knock(ctx context.Context, c *cli.Context, server *httpapi.Client) error {
	_, err := server.Explain(ctx, c.Args().First(), c.String("client"), netip.Addr{}, netip.Addr{})
	if errors.As(err, new(*httpapi.Problem)) && !errors.Is(err, core.ErrInvalid) {
		return nil
	}
	return err
}

// askPassword reads the password from where it was told, or the terminal.
func askPassword(c *cli.Context) (password string, err error) {
	name := c.String("password-file")
	if name == "" {
		return promptSecret(c, "password: ")
	}
	in, err := openInput(c, name)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	password, err = readLine(in)
	if errors.Is(err, io.EOF) {
		err = nil // an empty file is an empty password
	}
	return password, err
}

// login goes on until there is no challenge to answer.
func login(ctx context.Context, c *cli.Context, server *httpapi.Client, password string) error {
	in := httpapi.LoginRequest{Client: c.String("client"), Password: password, Code: c.String("code")}
	for {
		reply, err := server.Login(ctx, c.Args().First(), in)
		if err != nil {
			return err
		}
		if err := printLogin(c, reply); err != nil {
			return err
		}
		if reply.Result != core.Challenge {
			return verdict(reply)
		}
		in = httpapi.LoginRequest{Client: in.Client, State: reply.State}
		if in.Code, err = prompt(c, "code: "); err != nil {
			return fmt.Errorf("the challenge was not answered (hint: --code, or a terminal): %w", err)
		}
	}
}

func verdict(reply httpapi.LoginReply) error {
	if reply.Result == core.Accept {
		return nil
	}
	return errSaid
}

func printLogin(c *cli.Context, reply httpapi.LoginReply) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, reply)
	}
	var b strings.Builder
	for _, step := range reply.Steps {
		fmt.Fprintf(&b, "  %s\n", clean(step))
	}
	fmt.Fprintf(&b, "%s over %s after %.1f ms: %s %s\n  %s\n", reply.Result, reply.Client, reply.Took, reply.ID, reply.Name, reply.Text)
	if reply.Key != "" {
		fmt.Fprintf(&b, "  key %s\n", reply.Key)
	}
	return printf(c.App.Writer, "%s", b.String())
}
