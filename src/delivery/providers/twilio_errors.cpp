#include "delivery/providers/twilio_errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "delivery/provider_error.h"

namespace countersign::delivery {
namespace {

// Codes, causes and statuses are Twilio's documentation; how we treat them is decided here. Some cannot result from our
// requests, but a compatible server or a newer Twilio may still send them.
constexpr auto kErrors = std::to_array<TwilioError>({
    // clang-format off
    {20001, 20001, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio did not know a parameter of the request: check that the base URL is right."},
    {20003, 20003, 401, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio refused the credentials: check account SID, token or API key, and that the account is not suspended."},
    {20004, 20004, 405, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio does not allow the method on this path: check the base URL."},
    {20005, 20005, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The Twilio account is not active."},
    {20006, 20006, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio denied access: the API key may not use this product."},
    {20403, 20403, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio forbids this to the account or API key."},
    {20404, 20404, 404, Fault::kNotFound, PersonNotice::kCodeOver, "The resource does not exist: the verification has expired, was used or canceled, or the SID is not of this account."},
    {20409, 20409, 409, Fault::kRejected, PersonNotice::kTryAnotherWay, "The resource is in a state that does not allow this."},
    {20422, 20422, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio found a parameter invalid."},
    {20429, 20429, 429, Fault::kRateLimited, PersonNotice::kWait, "Too many requests: a programmable rate limit of the service, or the concurrency of the account."},
    {20500, 20500, 500, Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, "Twilio reported an internal error."},
    {21210, 21210, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The From number is not verified for this account."},
    {21211, 21211, 400, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "The number is not a valid one."},
    {21212, 21212, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The From number is not a valid one: correct the sender in the configuration."},
    {21214, 21214, 400, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "The number cannot be reached."},
    {21215, 21215, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Geographic permissions of the account do not allow voice calls to this country."},
    {21216, 21216, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The account may not call this number."},
    {21217, 21217, 400, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "The number does not seem to be a valid one."},
    {21219, 21219, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A trial account reaches verified numbers only."},
    {21222, 21222, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The account SID holds characters that Twilio does not use."},
    {21224, 21224, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The token or secret holds characters that Twilio does not use."},
    {21263, 21266, 400, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, "The number is a short code, a premium number or the sender itself, which Twilio does not serve."},
    {21267, 21267, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A trial account cannot use an alphanumeric sender."},
    {21268, 21269, 400, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, "The number is a premium or information service."},
    {21401, 21401, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The From number cannot send text messages."},
    {21408, 21408, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Geographic permissions of the account do not allow text messages to this country."},
    {21601, 21601, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The From number cannot send text messages."},
    {21602, 21605, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Body, From or To is missing, or the text is too long."},
    {21606, 21607, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The From number is not a sender of this account that can reach this destination."},
    {21608, 21608, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A trial account reaches verified numbers only."},
    {21609, 21609, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The status callback URL is not valid: correct the public URL in the configuration."},
    {21610, 21610, 403, Fault::kOptedOut, PersonNotice::kTryAnotherWay, "The person has opted out of messages from this sender."},
    {21611, 21611, 429, Fault::kRateLimited, PersonNotice::kWait, "The queue of the From number is full."},
    {21612, 21612, 400, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, "This sender cannot reach this number."},
    {21614, 21614, 400, Fault::kLandline, PersonNotice::kNumberNotSupported, "The number is not a mobile one."},
    {21617, 21617, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The text is longer than Twilio takes: shorten the template."},
    {21619, 21619, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The message has no text."},
    {21620, 21620, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The media URL of the message is not valid."},
    {21654, 21656, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The content template or its variables are not valid: check whatsapp_content, whose only variable is {{1}}, the code."},
    {21658, 21660, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The From number does not belong to this account."},
    {21701, 21701, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The messaging service does not exist: check its SID."},
    {21702, 21705, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The messaging service has no sender that fits, or is not valid."},
    {30001, 30001, 0, Fault::kRateLimited, PersonNotice::kWait, "The queue of the sender overflowed."},
    {30002, 30002, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The Twilio account is suspended."},
    {30003, 30003, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "The handset could not be reached: switched off or out of range."},
    {30004, 30004, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The message was blocked: opted out, or the carrier refuses such messages for the number."},
    {30005, 30005, 0, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "The carrier does not know the number."},
    {30006, 30006, 0, Fault::kLandline, PersonNotice::kNumberNotSupported, "The number is a landline, or its carrier cannot be reached."},
    {30007, 30007, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The carrier filtered the message: check the text and the registration of the sender."},
    {30008, 30008, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "The carrier gave no reason."},
    {30009, 30009, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "A segment of the message was lost."},
    {30010, 30010, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The price of the message is above the maximum that is set."},
    {30017, 30017, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "The carrier network is congested."},
    {30022, 30023, 0, Fault::kRateLimited, PersonNotice::kWait, "The sender has used up its rate or daily amount at the carriers."},
    {30024, 30024, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The sender is not provisioned at this carrier."},
    {30032, 30039, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The sender is not registered as the country or the carriers require."},
    {30410, 30410, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "The carrier did not answer in time."},
    {30450, 30450, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The message was blocked for its destination."},
    {30453, 30453, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The message was blocked as suspected traffic pumping."},
    {60001, 60002, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "A partner of Twilio refused its credentials or timed out on silent network authentication."},
    {60003, 60005, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "A partner of Twilio had no data, no configuration or an error for this number."},
    {60006, 60006, 0, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "The number is not a valid one."},
    {60007, 60008, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "A partner of Twilio failed."},
    {60200, 60200, 400, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "Twilio found a parameter invalid, mostly the number or address itself."},
    {60201, 60201, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The chosen translation of the template is not approved."},
    {60202, 60202, 429, Fault::kAttemptsExhausted, PersonNotice::kTooManyAttempts, "All attempts to check this verification are used up; a new one can start when it has expired."},
    {60203, 60203, 429, Fault::kAttemptsExhausted, PersonNotice::kTooManyAttempts, "All sends of this verification are used up; more are possible when it has expired or is canceled."},
    {60204, 60204, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The account may not use a feature that the request asks for (custom code, custom friendly name)."},
    {60205, 60205, 403, Fault::kLandline, PersonNotice::kNumberNotSupported, "The number is a landline, which text messages do not reach."},
    {60206, 60206, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The service has PSD2 enabled and wants amount and payee: set psd2 in the configuration."},
    {60207, 60207, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The service has as many rate limits as it can have."},
    {60208, 60208, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A rate limit of this name exists already."},
    {60209, 60209, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The name of the rate limit is malformed."},
    {60210, 60211, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The rate limit has as many buckets as it can have, or one with this interval."},
    {60212, 60212, 429, Fault::kRateLimited, PersonNotice::kWait, "Too many requests for this number at the same time."},
    {60213, 60213, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A messaging configuration for this country exists already."},
    {60214, 60214, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Voice calls do not work with PSD2: take the call channel out of the configuration."},
    {60215, 60215, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The limit of the e-mail integration is reached."},
    {60217, 60217, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The service has no e-mail integration."},
    {60218, 60219, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The e-mail template is inactive or lacks its placeholders."},
    {60220, 60220, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Messages to China need a vetted use case."},
    {60221, 60221, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The request named no verification."},
    {60222, 60222, 403, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The From address of the e-mail integration is not a verified sender."},
    {60223, 60223, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The service has this channel disabled."},
    {60224, 60224, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The template lacks substitutions."},
    {60225, 60225, 409, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A translation of this template exists already."},
    {60226, 60226, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Messages to China need a friendly name."},
    {60227, 60227, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The template does not support this channel."},
    {60228, 60229, 404, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The template or its translation does not exist."},
    {60230, 60237, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Template, sender definition or e-mail domain is not allowed."},
    {60238, 60238, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Twilio blocked the creation of this verification."},
    {60239, 60240, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Custom templates are not enabled or not allowed; the default one was used."},
    {60241, 60243, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The message or template is not one that the service may use."},
    {60244, 60244, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The custom message was replaced by a template."},
    {60245, 60248, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A messaging limit, a name that is taken or restricted, or a message over 500 characters."},
    {60249, 60249, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The content of the translation is not valid."},
    {60250, 60250, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Messages to Australia need a registered sender."},
    {60251, 60253, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The Templates parameter or the e-mail settings of the service are not valid."},
    {60300, 60300, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio found a parameter of the factor request invalid."},
    {60301, 60301, 409, Fault::kRejected, PersonNotice::kTryAnotherWay, "The entity exists already."},
    {60302, 60302, 400, Fault::kRejected, PersonNotice::kTryAnotherWay, "The factor type exists already."},
    {60304, 60304, 409, Fault::kRejected, PersonNotice::kTryAnotherWay, "The entity exists already."},
    {60305, 60306, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Identity, factor or token request is malformed."},
    {60307, 60307, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Push notifications cannot be sent to a factor without a platform."},
    {60308, 60308, 429, Fault::kAttemptsExhausted, PersonNotice::kTooManyAttempts, "All attempts of this challenge are used up."},
    {60309, 60309, 429, Fault::kAttemptsExhausted, PersonNotice::kTooManyAttempts, "All push notifications of this challenge are used up."},
    {60310, 60310, 429, Fault::kAttemptsExhausted, PersonNotice::kTooManyAttempts, "All attempts to verify this factor are used up."},
    {60311, 60311, 403, Fault::kRejected, PersonNotice::kTryAnotherWay, "The factor could not be verified."},
    {60312, 60312, 429, Fault::kRateLimited, PersonNotice::kWait, "The factor has had too many challenges for now."},
    {60313, 60313, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The token may not create factors."},
    {60314, 60314, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The binding of the factor is malformed."},
    {60315, 60315, 400, Fault::kRejected, PersonNotice::kTryAnotherWay, "The entity has as many factors as it can have."},
    {60317, 60317, 409, Fault::kRejected, PersonNotice::kTryAnotherWay, "The factor exists already."},
    {60318, 60318, 403, Fault::kRejected, PersonNotice::kTryAnotherWay, "The factor is not verified."},
    {60322, 60322, 403, Fault::kNotFound, PersonNotice::kCodeOver, "The challenge has been answered already."},
    {60323, 60323, 403, Fault::kNotFound, PersonNotice::kCodeOver, "The challenge has expired."},
    {60324, 60324, 403, Fault::kRejected, PersonNotice::kTryAnotherWay, "The challenge could not be verified."},
    {60325, 60325, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The template lacks the translation; its default was used."},
    {60326, 60326, 429, Fault::kRateLimited, PersonNotice::kWait, "The entity has had too many new factors today."},
    {60327, 60327, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A template was replaced by its fallback."},
    {60328, 60328, 429, Fault::kRateLimited, PersonNotice::kWait, "The account creates entities too fast."},
    {60329, 60329, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Silent network authentication does not work with PSD2."},
    {60330, 60330, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A webhook of the Verify service could not be called."},
    {60331, 60331, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The voice channel does not speak this language."},
    {60332, 60332, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The translation may not be deleted."},
    {60333, 60335, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "A template was replaced by its fallback."},
    {60361, 60388, 400, Fault::kRejected, PersonNotice::kTryAnotherWay, "Twilio refused a passkey request."},
    {60390, 60392, 404, Fault::kNotFound, PersonNotice::kCodeOver, "The factor, challenge or entity does not exist."},
    {60393, 60393, 400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The passkey settings of the service lack authenticator criteria."},
    {60401, 60407, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "The mobile library of Twilio reported an error."},
    {60408, 60408, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The template works for text messages and calls only."},
    {60409, 60409, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "The custom message matches no template."},
    {60410, 60410, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Fraud guard blocks the prefix of this number for 12 hours; safe-list it if the person is known."},
    {60411, 60411, 409, Fault::kRejected, PersonNotice::kTryAnotherWay, "The number or its prefix is in the safe list already."},
    {60412, 60413, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Fraud prevention refused this verification."},
    {60420, 60428, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Twilio found id, channel, content or recipient not valid."},
    {60431, 60431, 404, Fault::kNotFound, PersonNotice::kCodeOver, "Twilio did not find what the request names."},
    {60432, 60437, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Twilio found id, channel, content or recipient not valid."},
    {60440, 60441, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Twilio found the status not valid."},
    {60500, 60500, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "Silent network authentication: the number does not match."},
    {60510, 60511, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "Silent network authentication did not succeed on this handset or network."},
    {60517, 60517, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "Silent network authentication did not succeed on this handset or network."},
    {60519, 60520, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "Silent network authentication did not succeed on this handset or network."},
    {60531, 60535, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "Silent network authentication did not succeed on this handset or network."},
    {60540, 60540, 0, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, "Silent network authentication: the number is not valid, and another channel will not help."},
    {60550, 60550, 400, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "None of the channels that Twilio tried by itself worked."},
    {60600, 60600, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio Lookup reported an error."},
    {60602, 60602, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "An app hash works for text messages only."},
    {60603, 60604, 401, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The e-mail integration has no credit left, or is not authorised."},
    {60605, 60605, 403, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Geographic permissions of Verify do not allow this country."},
    {60606, 60626, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Twilio Lookup reported an error."},
    {63001, 63001, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The channel refused the credentials of the sender."},
    {63003, 63003, 400, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, "The channel does not know this address: the person may not use WhatsApp."},
    {63005, 63006, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "The channel did not accept the content or its format."},
    {63007, 63007, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The channel does not know the sender."},
    {63008, 63010, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "The channel could not carry the message out."},
    {63012, 63012, 0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, "The channel reported an internal error."},
    {63013, 63013, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The message violates the policy of the channel."},
    {63014, 63014, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The person has blocked the sender."},
    {63016, 63016, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "WhatsApp takes a free text only within 24 hours of the person writing: use an approved template."},
    {63017, 63018, 429, Fault::kRateLimited, PersonNotice::kWait, "The channel has had too many messages from this sender."},
    {63019, 63023, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The content of the message is not one that the channel accepts."},
    {63024, 63024, 0, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, "The recipient is not valid: the person may not use WhatsApp."},
    {63025, 63030, 0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "Template or parameters are not ones that the channel accepts: check whatsapp_content."},
    {63031, 63031, 0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Sender and recipient are the same."},
    {63032, 63033, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "The channel does not let this sender write to this person now."},
    {63049, 63049, 0, Fault::kBlocked, PersonNotice::kTryAnotherWay, "Meta chose not to deliver it."},
    {68001, 68007, 0, Fault::kRejected, PersonNotice::kTryAnotherWay, "The mobile library of Twilio reported an error."},
    {68008, 68008, 400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "The service has no WhatsApp sender configured."},
    {575001, 575001, 403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, "Verify is not open to this trial account."},
    // clang-format on
});

constexpr int kInvalidParameter = 60200;

/// Of the account or the sender, not of the number: geographic permissions, and a sender that does not reach it.
bool is_beyond_reach(int code) { return code == 21215 || code == 21408 || code == 21612; }

ProviderError error_of(const TwilioError& row, int code) {
  return {row.fault, row.notice, std::to_string(code), std::string(row.operator_note), std::nullopt, false};
}

/// The parameter in error 60200: `Invalid parameter: To`, or with the name in backquotes. The rest of the text may
/// contain the number and is dropped.
std::string_view invalid_parameter(std::string_view message) {
  constexpr std::string_view kBefore = "parameter";
  const auto found = message.find(kBefore);
  if (found == std::string_view::npos) return {};
  message.remove_prefix(found + kBefore.size());
  message.remove_prefix(std::min(message.find_first_not_of(" :`"), message.size()));
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return message.substr(0, message.find_first_not_of(kLetters));
}

/// A parameter other than the address is our own mistake, not a problem with the person's number.
void blame_parameter(ProviderError& error, std::string_view message) {
  const auto parameter = invalid_parameter(message);
  if (parameter.empty() || parameter == "To") return;
  error.fault = Fault::kMisconfigured;
  error.notice = PersonNotice::kTemporarilyUnavailable;
  error.detail = fmt::format("Twilio found the parameter {} invalid.", parameter.substr(0, 40));
}

}  // namespace

std::span<const TwilioError> twilio_errors() { return kErrors; }

const TwilioError* find_twilio_error(int code) {
  const auto* const row = std::ranges::lower_bound(kErrors, code, {}, &TwilioError::last);
  return row != kErrors.end() && row->first <= code ? row : nullptr;
}

ProviderError twilio_error_of(const HttpAnswer& answer, WallTime now) {
  ProviderError error = provider_error_of(answer, now);
  const auto body = parse_json(answer.body);
  const auto number = body && body->is_object() ? json_integer(body->get_object(), "code") : std::nullopt;
  if (!number || *number <= 0 || *number > 999'999) return error;
  const auto code = static_cast<int>(*number);
  error.provider_code = std::to_string(code);
  error.detail = fmt::format("HTTP status {}, unknown error {}", answer.status, code);
  if (const auto* row = find_twilio_error(code)) {
    error.fault = row->fault;
    error.notice = row->notice;
    error.detail = row->operator_note;
  }
  error.beyond_reach = is_beyond_reach(code);
  if (code == kInvalidParameter) blame_parameter(error, json_text(body->get_object(), "message").value_or(""));
  return error;
}

ProviderError twilio_error_of_code(int code) {
  if (const auto* row = find_twilio_error(code)) return error_of(*row, code);
  return {Fault::kRejected,
          PersonNotice::kTryAnotherWay,
          code > 0 ? std::to_string(code) : std::string(),
          "Twilio gave no known reason.",
          std::nullopt,
          false};
}

}  // namespace countersign::delivery
