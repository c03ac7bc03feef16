#include "support/doubles/gateway_doubles.h"

#include <map>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/json.h"

namespace countersign::testing {

namespace {

std::map<std::string, std::string> form_of(const ServerRequest& request) {
  std::map<std::string, std::string> form;
  for (const auto pair : split_words(request.body, "&")) {
    const auto equals = std::min(pair.find('='), pair.size());
    form[percent_decode(pair.substr(0, equals), Plus::kIsSpace).value_or("")] =
        percent_decode(pair.substr(std::min(equals + 1, pair.size())), Plus::kIsSpace).value_or("");
  }
  return form;
}

/// The text at a path of names and indexes without slashes in them; empty if there is none.
std::string text_at(const json::value& document, std::string_view path) {
  boost::system::error_code error;
  const auto* const value = document.find_pointer(path, error);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool is_number(std::string_view to, bool plus) {
  if (plus != to.starts_with('+')) return false;
  return to.size() > 8 && to.substr(plus ? 1 : 0).find_first_not_of("0123456789") == std::string_view::npos;
}

ServerReply reply(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

/// Always 200; the status of each part says what happened.
ServerReply vonage(const ServerRequest& request) {
  auto form = form_of(request);
  const auto part = [](std::string_view status) {
    return reply(200, R"({"message-count":"1","messages":[{"to":"1","status":")" + std::string(status) +
                          R"(","error-text":"no"}]})");
  };
  if (form["api_key"] != "abcd1234" || form["api_secret"] != kGatewaySecret) return part("4");
  if (form["text"].empty() || form["from"].empty() || !is_number(form["to"], false)) return part("2");
  if (form["callback"].empty() || form["ttl"].size() < 5) return part("3");
  if (form["to"].ends_with("0001")) return part("6");
  if (form["to"].ends_with("0002")) return part("1");
  return reply(200, R"({"message-count":"2","messages":[{"to":"1","message-id":")" +
                        gateway_ref(GatewayVendor::kVonage) +
                        R"(","status":"0"},{"to":"1","message-id":"0A00000000ABCD01","status":"0"}]})");
}

ServerReply infobip(const ServerRequest& request) {
  if (request.header("authorization") != "App " + std::string(kGatewaySecret))
    return reply(401, R"({"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login"}}})");
  const auto body = parse_json(request.body);
  const auto to = body ? text_at(*body, "/messages/0/destinations/0/to") : "";
  boost::system::error_code error;
  const auto* amount = body ? body->find_pointer("/messages/0/options/validityPeriod/amount", error) : nullptr;
  const bool whole = is_number(to, false) && amount != nullptr && amount->is_int64() &&
                     !text_at(*body, "/messages/0/content/text").empty() &&
                     !text_at(*body, "/messages/0/webhooks/delivery/url").empty();
  if (!whole) return reply(400, R"({"errorCode":"E400","description":"Request cannot be processed."})");
  if (to.ends_with("0002")) return reply(429, R"({"errorCode":"E429"})");
  const bool refused = to.ends_with("0001");
  return reply(200, R"({"bulkId":"b","messages":[{"messageId":")" + gateway_ref(GatewayVendor::kInfobip) +
                        R"(","status":{"groupId":)" + (refused ? "5" : "1") + R"(,"id":26,"name":"X"}}]})");
}

ServerReply zenvia(const ServerRequest& request) {
  if (request.header("x-api-token") != kGatewaySecret) return reply(401, R"({"code":"UNAUTHORIZED","message":"no"})");
  const auto body = parse_json(request.body);
  const auto to = body ? text_at(*body, "/to") : "";
  if (!is_number(to, false) || text_at(*body, "/contents/0/text").empty() || text_at(*body, "/externalId").empty())
    return reply(400, R"({"code":"VALIDATION_ERROR","message":"no","details":[]})");
  if (to.ends_with("0001")) return reply(400, R"({"code":"VALIDATION_ERROR","message":"no","details":[]})");
  if (to.ends_with("0002")) return reply(429, R"({"code":"TOO_MANY_REQUESTS","message":"no"})");
  return reply(200, R"({"id":")" + gateway_ref(GatewayVendor::kZenvia) + R"(","from":"palco","direction":"OUT"})");
}

ServerReply sinch(const ServerRequest& request) {
  if (request.header("authorization") != "Bearer " + std::string(kGatewaySecret)) return reply(401, "");
  const auto body = parse_json(request.body);
  const auto to = body ? text_at(*body, "/to/0") : "";
  if (!is_number(to, false) || text_at(*body, "/body").empty() || text_at(*body, "/callback_url").empty() ||
      text_at(*body, "/delivery_report") != "per_recipient" || !text_at(*body, "/expire_at").ends_with("Z"))
    return reply(400, R"({"code":"syntax_invalid_json","text":"no"})");
  if (to.ends_with("0001")) return reply(403, R"({"code":"forbidden","text":"no"})");
  if (to.ends_with("0002")) return reply(429, "");
  return reply(201, R"({"id":")" + gateway_ref(GatewayVendor::kSinch) + R"(","canceled":false})");
}

ServerReply sns(const ServerRequest& request) {
  const auto error = [](int status, std::string_view code) {
    return ServerReply{
        status,
        {{"Content-Type", "text/xml"}},
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n<Error><Type>Sender</Type><Code>" +
            std::string(code) + "</Code><Message>no</Message></Error></ErrorResponse>"};
  };
  auto form = form_of(request);
  if (!request.header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") ||
      request.header("x-amz-date").size() != 16)
    return error(403, "SignatureDoesNotMatch");
  if (form["Action"] != "Publish" || form["Version"] != "2010-03-31" || form["Message"].empty() ||
      form["MessageAttributes.entry.1.Value.StringValue"] != "Transactional" || !is_number(form["PhoneNumber"], true))
    return error(400, "ValidationError");
  if (form["PhoneNumber"].ends_with("0001")) return error(400, "InvalidParameter");
  if (form["PhoneNumber"].ends_with("0002")) return error(400, "Throttling");
  return {200,
          {{"Content-Type", "text/xml"}},
          "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>" +
              gateway_ref(GatewayVendor::kSns) +
              "</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></"
              "PublishResponse>"};
}

}  // namespace

ServerReply answer_as(GatewayVendor vendor, const ServerRequest& request) {
  switch (vendor) {
    case GatewayVendor::kVonage:
      return vonage(request);
    case GatewayVendor::kInfobip:
      return infobip(request);
    case GatewayVendor::kZenvia:
      return zenvia(request);
    case GatewayVendor::kSinch:
      return sinch(request);
    case GatewayVendor::kSns:
      return sns(request);
  }
  return {500};
}

std::string gateway_ref(GatewayVendor vendor) { return "ref-" + std::to_string(static_cast<int>(vendor)); }

std::string report_as(GatewayVendor vendor, std::string_view our_id, bool arrived, std::string_view code) {
  const std::string ref = gateway_ref(vendor);
  const std::string ours(our_id);
  const auto why = [&](const char* best) { return code.empty() ? std::string(best) : std::string(code); };
  switch (vendor) {
    case GatewayVendor::kVonage:
      return "msisdn=5511987654321&to=Palco&network-code=72405&messageId=" + ref +
             "&price=0.03&status=" + (arrived ? "delivered&err-code=0" : "failed&err-code=" + why("3")) +
             "&client-ref=" + ours;
    case GatewayVendor::kInfobip:
      return R"({"results":[{"messageId":")" + ref + R"(","to":"5511987654321","status":{"groupId":3,"id":)" +
             (arrived ? "5" : "9") + R"(},"error":{"id":)" + (arrived ? "0" : why("1")) + R"(,"permanent":true}}]})";
    case GatewayVendor::kZenvia:
      return R"({"id":"e","type":"MESSAGE_STATUS","channel":"sms","message":{"id":")" + ref + R"(","externalId":")" +
             ours + R"("},"messageStatus":{"code":")" + (arrived ? "DELIVERED" : "NOT_DELIVERED") +
             R"(","causes":[{"channelErrorCode":")" + why("7") + R"(","reason":"no"}]}})";
    case GatewayVendor::kSinch:
      return R"({"type":"recipient_delivery_report_sms","batch_id":")" + ref +
             R"(","recipient":"5511987654321","status":")" + (arrived ? "DELIVERED" : "Failed") + R"(","code":)" +
             (arrived ? "0" : why("404")) + R"(,"client_reference":")" + ours + R"("})";
    case GatewayVendor::kSns:
      return "";
  }
  return "";
}

std::string text_as(GatewayVendor vendor, std::string_view digits, std::string_view text) {
  const std::string from(digits);
  const std::string wrote(text);
  switch (vendor) {
    case GatewayVendor::kVonage:
      return "msisdn=" + from + "&to=447700900000&messageId=0A0000000123ABCD1&text=" + wrote +
             "&type=text&keyword=" + wrote + "&message-timestamp=2026-11-20 12:00:01&timestamp=1795176001&nonce=a1b2";
    case GatewayVendor::kInfobip:
      return R"({"results":[{"messageId":"817790313235066447","from":")" + from + R"(","to":"5511400000000","text":")" +
             wrote + R"(","cleanText":")" + wrote +
             R"(","keyword":"","receivedAt":"2026-11-20T12:00:01.000+0000","smsCount":1,)"
             R"("price":{"pricePerMessage":0,"currency":"EUR"},"callbackData":""}],)"
             R"("messageCount":1,"pendingMessageCount":0})";
    case GatewayVendor::kZenvia:
      return R"({"id":"e7","timestamp":"2026-11-20T12:00:01Z","type":"MESSAGE","subscriptionId":"s1",)"
             R"("channel":"sms","direction":"IN","message":{"id":"m7","from":")" +
             from + R"(","to":"palco","direction":"IN","channel":"sms","contents":[{"type":"text","text":")" + wrote +
             R"("}]}})";
    case GatewayVendor::kSinch:
      return R"({"type":"mo_text","id":"01XXXXX21XXXXX119Z8P1XXXXX","from":")" + from +
             R"(","to":"12025550100","body":")" + wrote +
             R"(","operator_id":"72405","received_at":"2026-11-20T12:00:01.542Z"})";
    case GatewayVendor::kSns:
      return "";
  }
  return "";
}

}  // namespace countersign::testing
