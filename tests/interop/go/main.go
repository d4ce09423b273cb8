// The official Fabric Gateway client for Go, unmodified. Reads a connection file, goes through all calls, prints one
// JSON document. usage: interop CONNECTION.json
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

type connection struct {
	Address, TlsRoot, ServerName, MspId, Certificate, Key, Channel, Chaincode string
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func described(err error) map[string]any {
	found := map[string]any{"code": status.Code(err).String(), "message": err.Error(), "commitCode": 0}
	var endorse *client.EndorseError
	found["endorse"] = errors.As(err, &endorse)
	var commit *client.CommitError
	if errors.As(err, &commit) {
		found["commitCode"] = int(commit.Code)
	}
	var details []string
	for _, detail := range status.Convert(err).Details() {
		if d, ok := detail.(*gateway.ErrorDetail); ok {
			details = append(details, d.MspId+" "+d.Message)
		}
	}
	found["details"] = details
	return found
}

func failure(_ []byte, err error) map[string]any {
	if err == nil {
		return nil
	}
	return described(err)
}

func main() {
	var c connection
	if err := json.Unmarshal(must(os.ReadFile(os.Args[1])), &c); err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(c.TlsRoot))
	channel := must(grpc.NewClient(c.Address, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(roots, c.ServerName)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(100<<20), grpc.MaxCallSendMsgSize(100<<20))))
	defer channel.Close()
	certificate := must(identity.CertificateFromPEM([]byte(c.Certificate)))
	id := must(identity.NewX509Identity(c.MspId, certificate))
	sign := must(identity.NewPrivateKeySign(must(identity.PrivateKeyFromPEM([]byte(c.Key)))))
	g := must(client.Connect(id, client.WithSign(sign), client.WithHash(hash.SHA256), client.WithClientConnection(channel),
		client.WithEvaluateTimeout(5*time.Second), client.WithEndorseTimeout(15*time.Second)))
	defer g.Close()
	network := g.GetNetwork(c.Channel)
	contract := network.GetContract(c.Chaincode)
	found := map[string]any{}

	found["submitted"] = string(must(contract.SubmitTransaction("Put", "go-key", "值")))
	found["evaluated"] = string(must(contract.EvaluateTransaction("Get", "go-key")))
	large := strings.Repeat("x", 700_000)
	must(contract.SubmitTransaction("Put", "go-large", large))
	found["large"] = string(must(contract.EvaluateTransaction("Get", "go-large"))) == large
	found["evaluate"] = failure(contract.EvaluateTransaction("Fail", "because"))
	found["refused"] = failure(contract.SubmitTransaction("Fail", "because"))
	found["unknown"] = failure(network.GetContract("nowhere").SubmitTransaction("Put", "a", "b"))

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	events := must(network.ChaincodeEvents(ctx, c.Chaincode))
	_, commit, err := contract.SubmitAsync("Announce", client.WithArguments("go", "over the wire"))
	must(0, err)
	result := must(commit.Status())
	event := <-events
	found["event"] = map[string]any{"name": event.EventName, "payload": string(event.Payload), "same": event.BlockNumber == result.BlockNumber}
	blocks := must(network.BlockEvents(ctx, client.WithStartBlock(0)))
	number := uint64(0)
	for block := range blocks {
		if number = block.GetHeader().GetNumber(); number == result.BlockNumber {
			break
		}
	}
	found["blocks"] = number == result.BlockNumber
	short, stop := context.WithTimeout(context.Background(), time.Nanosecond)
	defer stop()
	_, err = contract.EvaluateWithContext(short, "Get", client.WithArguments("go-key"))
	found["late"] = status.Code(err).String()

	done := make(chan error, 200)
	for i := range 200 {
		go func() {
			_, err := contract.EvaluateTransaction("Get", fmt.Sprintf("go-%d", i))
			done <- err
		}()
	}
	good := 0
	for range 200 {
		if err := <-done; err == nil {
			good++
		}
	}
	found["many"] = good
	must(0, json.NewEncoder(os.Stdout).Encode(found))
}
