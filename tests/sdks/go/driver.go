// The SDK for Go, driven line by line; tests/sdks/driver.mjs says how. Arguments: URL, user, password.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	verify "github.com/twilio/twilio-go/rest/verify/v2"
)

// What docs/migrating-from-twilio.md shows.
type here struct{ base *url.URL }

func (h here) RoundTrip(r *http.Request) (*http.Response, error) {
	r.URL.Scheme, r.URL.Host, r.Host = h.base.Scheme, h.base.Host, h.base.Host
	return http.DefaultTransport.RoundTrip(r)
}

// One for each who asks. The account is that of the first, also where an API key asks.
func clientOf(user, password string) *verify.ApiService {
	base, err := url.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	c := &client.Client{Credentials: client.NewCredentials(user, password), HTTPClient: &http.Client{Transport: here{base}}}
	c.SetAccountSid(os.Args[2])
	return twilio.NewRestClientWithParams(twilio.ClientParams{Client: c}).VerifyV2
}

type said map[string]any

func (a said) text(name string) string { s, _ := a[name].(string); return s }

// into makes the parameters of a call: the fields whose names are said, CodeLength for code_length.
func into[P any](a said) *P {
	params := new(P)
	fields := reflect.ValueOf(params).Elem()
	for name, value := range a {
		var field reflect.Value
		for i := 0; i < fields.NumField(); i++ {
			if strings.EqualFold(fields.Type().Field(i).Name, strings.ReplaceAll(name, "_", "")) {
				field = fields.Field(i)
			}
		}
		if !field.IsValid() {
			continue
		}
		raw, _ := json.Marshal(value)
		if err := json.Unmarshal(raw, field.Addr().Interface()); err != nil {
			panic(err)
		}
	}
	return params
}

func deleted(err error) (any, error) { return err == nil, err }

var calls = map[string]func(v2 *verify.ApiService, a said) (any, error){
	"services.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateService(into[verify.CreateServiceParams](a))
	},
	"services.fetch": func(v2 *verify.ApiService, a said) (any, error) { return v2.FetchService(a.text("service")) },
	"services.update": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.UpdateService(a.text("service"), into[verify.UpdateServiceParams](a))
	},
	"services.delete": func(v2 *verify.ApiService, a said) (any, error) {
		return deleted(v2.DeleteService(a.text("service")))
	},
	"services.list": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.ListService(into[verify.ListServiceParams](a))
	},
	"verifications.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateVerification(a.text("service"), into[verify.CreateVerificationParams](a))
	},
	"verifications.fetch": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.FetchVerification(a.text("service"), a.text("sid"))
	},
	"verifications.update": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.UpdateVerification(a.text("service"), a.text("sid"), into[verify.UpdateVerificationParams](a))
	},
	"checks.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateVerificationCheck(a.text("service"), into[verify.CreateVerificationCheckParams](a))
	},
	"attempts.list": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.ListVerificationAttempt(into[verify.ListVerificationAttemptParams](a))
	},
	"attempts.fetch": func(v2 *verify.ApiService, a said) (any, error) { return v2.FetchVerificationAttempt(a.text("sid")) },
	"templates.list": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.ListVerificationTemplate(into[verify.ListVerificationTemplateParams](a))
	},
	"rate_limits.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateRateLimit(a.text("service"), into[verify.CreateRateLimitParams](a))
	},
	"rate_limits.list": func(v2 *verify.ApiService, a said) (any, error) { return v2.ListRateLimit(a.text("service"), nil) },
	"rate_limits.delete": func(v2 *verify.ApiService, a said) (any, error) {
		return deleted(v2.DeleteRateLimit(a.text("service"), a.text("limit")))
	},
	"buckets.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateBucket(a.text("service"), a.text("limit"), into[verify.CreateBucketParams](a))
	},
	"messaging.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateMessagingConfiguration(a.text("service"), into[verify.CreateMessagingConfigurationParams](a))
	},
	"messaging.fetch": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.FetchMessagingConfiguration(a.text("service"), a.text("country"))
	},
	"messaging.delete": func(v2 *verify.ApiService, a said) (any, error) {
		return deleted(v2.DeleteMessagingConfiguration(a.text("service"), a.text("country")))
	},
	"webhooks.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateWebhook(a.text("service"), into[verify.CreateWebhookParams](a))
	},
	"webhooks.delete": func(v2 *verify.ApiService, a said) (any, error) {
		return deleted(v2.DeleteWebhook(a.text("service"), a.text("sid")))
	},
	"entities.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateEntity(a.text("service"), into[verify.CreateEntityParams](a))
	},
	"entities.fetch": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.FetchEntity(a.text("service"), a.text("identity"))
	},
	"entities.delete": func(v2 *verify.ApiService, a said) (any, error) {
		return deleted(v2.DeleteEntity(a.text("service"), a.text("identity")))
	},
	"new_factors.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateNewFactor(a.text("service"), a.text("identity"), into[verify.CreateNewFactorParams](a))
	},
	"factors.fetch": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.FetchFactor(a.text("service"), a.text("identity"), a.text("factor"))
	},
	"factors.update": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.UpdateFactor(a.text("service"), a.text("identity"), a.text("factor"), into[verify.UpdateFactorParams](a))
	},
	"factors.list": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.ListFactor(a.text("service"), a.text("identity"), nil)
	},
	"factors.delete": func(v2 *verify.ApiService, a said) (any, error) {
		return deleted(v2.DeleteFactor(a.text("service"), a.text("identity"), a.text("factor")))
	},
	"challenges.create": func(v2 *verify.ApiService, a said) (any, error) {
		params := into[verify.CreateChallengeParams](a).SetFactorSid(a.text("factor"))
		return v2.CreateChallenge(a.text("service"), a.text("identity"), params)
	},
	"challenges.fetch": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.FetchChallenge(a.text("service"), a.text("identity"), a.text("challenge"))
	},
	"challenges.update": func(v2 *verify.ApiService, a said) (any, error) {
		params := into[verify.UpdateChallengeParams](a)
		return v2.UpdateChallenge(a.text("service"), a.text("identity"), a.text("challenge"), params)
	},
	"challenges.list": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.ListChallenge(a.text("service"), a.text("identity"), into[verify.ListChallengeParams](a))
	},
	"notifications.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateNotification(a.text("service"), a.text("identity"), a.text("challenge"), nil)
	},
	"access_tokens.create": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.CreateAccessToken(a.text("service"), into[verify.CreateAccessTokenParams](a))
	},
	"access_tokens.fetch": func(v2 *verify.ApiService, a said) (any, error) {
		return v2.FetchAccessToken(a.text("service"), a.text("sid"))
	},
	"passkeys.create": func(v2 *verify.ApiService, a said) (any, error) {
		request := verify.CreateNewPasskeysFactorRequest{FriendlyName: a.text("friendly_name"), Identity: a.text("identity")}
		params := &verify.CreateNewFactorPasskeyParams{}
		return v2.CreateNewFactorPasskey(a.text("service"), params.SetCreateNewPasskeysFactorRequest(request))
	},
	"signature": func(_ *verify.ApiService, a said) (any, error) {
		params := map[string]string{}
		for name, value := range a["params"].(map[string]any) {
			params[name] = value.(string)
		}
		validator := client.NewRequestValidator(a.text("token"))
		return validator.Validate(a.text("url"), params, a.text("signature")), nil
	},
}

// shown is what the SDK made of an answer, by the names of the description, which its structs have as tags.
func shown(value any) any {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		panic(err)
	}
	if fields, ok := plain.(map[string]any); ok {
		for name, field := range fields {
			if text, ok := field.(string); ok && isMoment(value, name) {
				moment, err := time.Parse(time.RFC3339, text)
				if err != nil {
					panic(err)
				}
				fields[name] = moment.Unix()
			}
		}
	}
	return plain
}

// isMoment says whether the SDK has that field as a time.
func isMoment(value any, name string) bool {
	kind := reflect.TypeOf(value)
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	for i := 0; kind.Kind() == reflect.Struct && i < kind.NumField(); i++ {
		if strings.Split(kind.Field(i).Tag.Get("json"), ",")[0] == name {
			return kind.Field(i).Type == reflect.TypeOf(&time.Time{})
		}
	}
	return false
}

func answer(a said) (result map[string]any) {
	defer func() {
		if what := recover(); what != nil {
			result = map[string]any{"broke": fmt.Sprint(what)}
		}
	}()
	user, password := os.Args[2], os.Args[3]
	if a["user"] != nil {
		user, password = a.text("user"), a.text("password")
	}
	value, err := calls[a.text("call")](clientOf(user, password), a)
	var refusal *client.TwilioRestError
	if errors.As(err, &refusal) {
		return map[string]any{"refused": map[string]any{"class": fmt.Sprintf("%T", refusal), "status": refusal.Status,
			"code": refusal.Code, "message": refusal.Message, "more_info": refusal.MoreInfo}}
	}
	if err != nil {
		return map[string]any{"broke": err.Error()}
	}
	return map[string]any{"ok": shown(value)}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a said
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			panic(err)
		}
		line, err := json.Marshal(answer(a))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
