#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contact/delivery.h"
#include "delivery/gateway/pointer.h"
#include "delivery/gateway/template.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

/// What an answer of a gateway means to us.
enum class GatewayOutcome : std::uint8_t {
  kInvalidAddress,
  kOptedOut,
  kLandline,
  kUnsupported,
  kBlocked,
  kRateLimited,
  kLater,
  kMisconfigured,
  kRejected,
};

/// Values that stand somewhere in an answer.
struct ValueCheck {
  Pointer pointer;
  std::vector<std::string> values;
};

/// The first rule that matches decides.
struct GatewayRule {
  std::vector<int> status;           ///< HTTP; empty: any.
  std::optional<ValueCheck> values;  ///< Matches if any value there is one of them; absent: the status suffices.
  GatewayOutcome outcome = GatewayOutcome::kRejected;
};

/// How we authenticate ourselves to the gateway. Anything else is a template with `{user}` and `{secret}`.
enum class GatewayAuth : std::uint8_t { kNone, kBasic, kBearer, kAwsSigV4 };

/// How a gateway's reports are believed, besides the token in the address of a message.
struct ReportAuth {
  enum class Kind : std::uint8_t { kToken, kHeader, kBasic, kHmac };
  enum class Signs : std::uint8_t {
    kBody,                ///< The body as received.
    kBodyNonceTimestamp,  ///< `body.nonce.timestamp`.
    kParameters,          ///< `&name=value` of all parameters but the signature, sorted; `&` and `=` in values as `_`.
  };
  enum class Hash : std::uint8_t { kSha1, kSha256, kSha512 };
  Kind kind = Kind::kToken;
  std::string header;  ///< kHeader, kHmac: its name in lower case; with kParameters the parameter's name.
  std::string user;    ///< kBasic.
  SecretString secret;
  Hash hash = Hash::kSha256;
  bool base64 = false;  ///< kHmac: else hexadecimal, either case.
  std::string prefix;   ///< kHmac: before the digits, such as `sha256=`.
  Signs signs = Signs::kBody;
  std::string nonce_header;
  std::string timestamp_header;
};

/// What a state of the gateway means: a stage, and the reason if that is kFailed.
struct GatewayState {
  contact::DeliveryStage stage;
  std::optional<contact::DeliveryReason> reason;
};

/// How a gateway's reports are read. Forms and query strings are read as an object of texts.
struct GatewayReports {
  bool json = false;                           ///< Else a form, or the query of a GET.
  std::optional<Pointer> items;                ///< Several reports in one: where they stand, such as `/results/*`.
  std::optional<Pointer> id;                   ///< In an item: the gateway's reference, as in its answer.
  std::optional<Pointer> our_id;               ///< In an item: the `{id}` that we gave.
  Pointer state;                               ///< In an item.
  std::optional<Pointer> reason_code;          ///< In an item: why it failed.
  std::map<std::string, GatewayState> states;  ///< By the state in lower case; others say nothing.
  std::map<std::string, contact::DeliveryReason> reasons;  ///< By the code; others: that of the state.
  ReportAuth auth;
};

/// How what people write to a number at the gateway is read. Believed by a secret only, so `auth` is never kToken: with
/// it anybody's messages can be stopped.
struct GatewayInbound {
  bool json = false;               ///< Else a form, or the query of a GET.
  std::optional<Pointer> items;    ///< Several messages in one.
  std::optional<ValueCheck> only;  ///< In an item: what it has if a person wrote it; absent: all are.
  Pointer from;                    ///< In an item: her number, with or without `+`.
  Pointer text;                    ///< In an item.
  std::optional<Pointer> time;     ///< In an item: when she wrote it.
  ReportAuth auth;
};

/// A gateway as the configuration describes it.
struct GatewayOptions {
  std::string method = "POST";
  TextTemplate url;
  std::vector<std::pair<std::string, TextTemplate>> query;
  std::vector<std::pair<std::string, TextTemplate>> headers;
  BodyTemplate body;
  std::map<std::string, std::string> senders;  ///< By country; "" for all others.
  std::string user;
  SecretString secret;
  GatewayAuth auth = GatewayAuth::kNone;
  std::string region;   ///< kAwsSigV4.
  std::string service;  ///< kAwsSigV4.

  bool xml = false;                   ///< Answers are XML, else JSON.
  std::optional<Pointer> id;          ///< The gateway's reference in its answer; absent: ours.
  std::optional<ValueCheck> success;  ///< With a 2xx: every value there must be one of them.
  std::vector<GatewayRule> rules;
  std::optional<GatewayReports> reports;
  std::optional<GatewayInbound> inbound;

  std::vector<Channel> channels;
  AddressPolicy addresses = AddressPolicy::kPublicOnly;
  PlainHttp plain_http = PlainHttp::kRefused;
  std::chrono::milliseconds timeout{10'000};
};

}  // namespace countersign::delivery
