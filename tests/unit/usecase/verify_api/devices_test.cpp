#include "tests/unit/usecase/verify_api/device_script.h"
#include "usecase/risk/trust_book.h"

// Devices of the mobile SDKs: registration, what they sign, and everything that somebody else would sign for them.
namespace countersign::testing {
namespace {

TEST_F(VerifyDevices, AreVerifiedByTheirOwnKey) {
  const auto made = create(key);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->factor.row.state.status, domain::FactorStatus::kUnconfirmed);
  EXPECT_EQ(verify_api::type_name(made->factor), "push");
  const auto config = verify_api::device_config(made->factor);
  EXPECT_EQ(config.at("notification_token"), json::value(kRegistrationToken));
  EXPECT_EQ(json_text(config, "credential_sid"), "CR" + made->factor.row.state.id.text().substr(2));
  EXPECT_EQ(fault_of(ask(*made)), ErrorCode::kFactorUnverified);
  EXPECT_EQ(fault_of(verified(*made, other)), ErrorCode::kFactorVerification) << "of another key";
  ASSERT_TRUE(verified(*made, key));
  EXPECT_EQ(count("factor.enrolled"), 1);
  EXPECT_EQ(count("factor.confirmed"), 1);
  EXPECT_EQ(count("factor.response_wrong"), 1);
  EXPECT_TRUE(verified(*made, key)) << "once it is verified, it stays so";
}

TEST_F(VerifyDevices, AFirstSignatureIsOverItsOwnFactor) {
  const auto made = create(key);
  const FactorId& id = made->factor.row.state.id;
  for (const std::string& payload :
       {std::string(), std::string("123456"), key.first_signature("YF00000000000000000000000000000000"),
        key.first_signature(id.text()).substr(4), key.answer({{"sid", id.text()}})})
    EXPECT_FALSE(verify_api::judge_first_signature(key.point(), id, payload).holds) << payload;
  EXPECT_TRUE(verify_api::judge_first_signature(key.point(), id, key.first_signature(id.text())).holds);
}

TEST_F(VerifyDevices, FiveWrongSignaturesLockTheRegistration) {
  const auto made = create(key);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fault_of(verified(*made, other)), ErrorCode::kFactorVerification);
  EXPECT_EQ(fault_of(verified(*made, key)), ErrorCode::kFactorAttempts);
  fixture.wait(seconds(31));
  EXPECT_TRUE(verified(*made, key));
}

TEST_F(VerifyDevices, AKeyIsOneDevice) {
  const auto first = create(key);
  ASSERT_TRUE(first);
  EXPECT_EQ(fault_of(create(key)), ErrorCode::kFactorExists);
  EXPECT_EQ(fault_of(create(key, "another-person")), ErrorCode::kFactorExists);
  fixture.wait(hours(24 * 30));
  EXPECT_TRUE(create(other)) << "and forgets the first, whose time to be confirmed is over";
  EXPECT_TRUE(create(key));
}

TEST_F(VerifyDevices, ApproveAndDeny) {
  const auto phone = device(key);
  const auto first = ask(phone);
  ASSERT_TRUE(first);
  EXPECT_FALSE(verify_api::signature_fields(*first, fixture.now()).empty());
  const auto approved = says(phone.entity, *first, "approved");
  ASSERT_TRUE(approved);
  EXPECT_EQ(approved->state.status, domain::ChallengeStatus::kApproved);
  EXPECT_TRUE(verify_api::signature_fields(*approved, fixture.now()).empty());
  EXPECT_EQ(fault_of(says(phone.entity, *first, "approved")), ErrorCode::kChallengeResponded) << "a replay";
  EXPECT_EQ(fault_of(says(phone.entity, *first, "denied")), ErrorCode::kChallengeResponded);

  const auto second = ask(phone);
  const auto denied = says(phone.entity, *second, "denied");
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->state.status, domain::ChallengeStatus::kDenied);
  EXPECT_EQ(fault_of(says(phone.entity, *second, "approved")), ErrorCode::kChallengeResponded);
  EXPECT_EQ(count("challenge.approved"), 1);
  EXPECT_EQ(count("challenge.denied"), 1);
}

// The members of the JSON may stand in any order: the values are compared, not the bytes.
TEST_F(VerifyDevices, TheOrderOfWhatIsSignedIsFree) {
  const auto phone = device(key);
  json::object details{{"message", "Log in / out?"},
                       {"fields", json::array{json::object{{"label", "IP"}, {"value", "203.0.113.7"}}}}};
  const auto asked = ask(phone, details);
  std::string text = canonical_json(claims(phone.entity, *asked, "approved"));
  const auto replace = [&](std::string_view what, std::string_view by) {
    const auto at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    text.replace(at, what.size(), by);
  };
  replace(R"(,"status":"approved")", "");
  replace("{", R"({ "status" : "approved", )");
  replace("in / out", R"(in \/ out)");  // As Apple's JSON writes it.
  const auto payload = key.jwt_of(R"({"typ":"JWT","alg":"ES256"})", text);
  EXPECT_TRUE(answer(phone.entity, *asked, verify_api::judge_device_answer(key.point(), payload)));
}

TEST_F(VerifyDevices, NothingElseIsAnApproval) {
  const auto phone = device(key);
  const auto& who = phone.entity;
  const auto earlier = ask(phone);
  ASSERT_TRUE(says(who, *earlier, "approved"));
  const auto asked = ask(phone);
  const json::object good = claims(who, *asked, "approved");
  const auto with = [&](std::string_view name, json::value value) {
    json::object out = good;
    out[name] = std::move(value);
    return out;
  };
  const auto without = [&](std::string_view name) {
    json::object out = good;
    out.erase(name);
    return out;
  };
  std::vector<json::object> wrong{
      {},
      {{"status", "approved"}},
      claims(who, *earlier, "approved"),
      with("status", "pending"),
      with("status", "expired"),
      with("status", "Approved"),
      with("status", true),
      without("status"),
      with("identity", "somebody-else"),
      with("sid", json::value(id_text("YC", earlier->id))),
      with("details", json::object{{"message", "Log in? "}}),
      with("details", json::object{{"message", "Log in?"}, {"more", 1}}),
      with("hidden_details", json::object{{"ip", "203.0.113.8"}}),
      with("hidden_details", nullptr),
      with("added", "1"),
  };
  for (const auto name : verify_api::signature_fields(*asked, fixture.now())) wrong.push_back(without(name));
  for (const auto& said : wrong) {
    fixture.wait(minutes(8));  // Ten an hour are the most.
    const auto again = ask(phone);
    json::object shifted = said;
    if (shifted.contains("sid") && shifted.at("sid") == json::value(id_text("YC", asked->id))) {
      // The same mistake about the challenge that is open now.
      for (const auto& member : claims(who, *again, "approved")) {
        if (shifted.contains(member.key()) && shifted.at(member.key()) == good.at(member.key()))
          shifted[member.key()] = member.value();
      }
    }
    EXPECT_EQ(fault_of(answer(who, *again, shifted, key, key)), ErrorCode::kChallengeVerification)
        << canonical_json(said);
    EXPECT_EQ(fault_of(says(who, *again, "approved")), kNone) << "a right answer is still one";
  }
}

TEST_F(VerifyDevices, NobodyElsesKeyAnswers) {
  const auto phone = device(key);
  const auto theirs = device(other, "another-person");
  const auto asked = ask(phone);
  const json::object good = claims(phone.entity, *asked, "approved");
  EXPECT_EQ(fault_of(answer(phone.entity, *asked, good, other, key)), ErrorCode::kChallengeVerification);
  EXPECT_EQ(fault_of(answer(phone.entity, *asked, good, other, other)), ErrorCode::kChallengeVerification)
      << "judged by another key than that of the device";
  EXPECT_EQ(fault_of(answer(phone.entity, *asked, SignedAnswer{key.point(), false, good})),
            ErrorCode::kChallengeVerification);
  EXPECT_EQ(fault_of(answer(phone.entity, *asked, SignedAnswer{})), ErrorCode::kChallengeVerification);
  for (const json::object& header :
       {json::object{{"typ", "JWT"}, {"alg", "none"}}, json::object{{"typ", "JWT"}, {"alg", "HS256"}},
        json::object{{"typ", "receipt+jwt"}, {"alg", "ES256"}}})
    EXPECT_FALSE(verify_api::judge_device_answer(key.point(), key.jwt(header, good)).holds);
  // Another person has no such challenge.
  EXPECT_EQ(fault_of(answer(theirs.entity, *asked, claims(theirs.entity, *asked, "approved"), other, other)),
            ErrorCode::kNotFound);
  EXPECT_EQ(fault_of(says(phone.entity, *asked, "approved")), kNone) << "and hers does";
}

TEST_F(VerifyDevices, AnAnswerIsInTime) {
  const auto phone = device(key);
  const auto asked = ask(phone);
  fixture.wait(minutes(5));
  EXPECT_EQ(fault_of(says(phone.entity, *asked, "approved")), ErrorCode::kChallengeExpired);
  EXPECT_TRUE(verify_api::signature_fields(*asked, fixture.now()).empty());
}

TEST_F(VerifyDevices, FiveWrongAnswersCloseAChallenge) {
  const auto phone = device(key);
  const auto asked = ask(phone);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(fault_of(answer(phone.entity, *asked, {}, key, key)), ErrorCode::kChallengeVerification);
  EXPECT_EQ(fault_of(says(phone.entity, *asked, "approved")), ErrorCode::kChallengeAttempts);
  EXPECT_TRUE(says(phone.entity, *ask(phone), "approved")) << "and no other";
}

TEST_F(VerifyDevices, AreNotAskedAgainAndAgain) {
  const auto phone = device(key);
  std::optional<Challenge> last;
  for (int i = 0; i < 3; ++i) {
    auto asked = ask(phone);
    ASSERT_TRUE(asked) << i;
    last = *asked;
  }
  const auto fourth = ask(phone);
  EXPECT_EQ(fault_of(fourth), ErrorCode::kChallengeLimit);
  EXPECT_EQ(fourth.error().retry_after, std::nullopt) << "waiting does not help";
  ASSERT_TRUE(says(phone.entity, *last, "approved"));
  EXPECT_TRUE(ask(phone)) << "an approval forgets them";
}

// [THR-8]
TEST_F(VerifyDevices, WaitingDoesNotMakeThemAskableAgain) {
  const auto phone = device(key);
  int asked = 0;
  for (int hour = 0; hour < 100; ++hour, fixture.wait(hours(1))) asked += ask(phone).has_value() ? 1 : 0;
  EXPECT_EQ(asked, 3);
}

TEST_F(VerifyDevices, AnotherFactorsCodeMakesThemAskableAgain) {
  const auto phone = device(key);
  ASSERT_TRUE(fixture.enrol());
  ASSERT_TRUE(fixture.confirm());
  fixture.wait(minutes(1));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ask(phone));
  const auto typed = [&](const std::string& code) {
    verify_api::NewChallenge given{fixture.factor(), fixture.now() + minutes(5), {}, {}, {}, SecretString(code)};
    return work(
        [&](const usecase::Work& w) { return verify_api::create_challenge(w, api.service, phone.entity, given); });
  };
  ASSERT_TRUE(typed(fixture.totp_code(50)));
  EXPECT_EQ(fault_of(ask(phone)), ErrorCode::kChallengeLimit) << "a wrong one does not";
  ASSERT_EQ(typed(fixture.totp_code())->state.status, domain::ChallengeStatus::kApproved);
  EXPECT_TRUE(ask(phone));
}

TEST_F(VerifyDevices, ADenialIsFollowedBySilence) {
  const auto phone = device(key);
  ASSERT_TRUE(says(phone.entity, *ask(phone), "denied"));
  const auto silent = ask(phone);
  EXPECT_EQ(fault_of(silent), ErrorCode::kChallengeLimit);
  EXPECT_EQ(silent.error().retry_after, hours(1));
  fixture.wait(hours(1));
  ASSERT_TRUE(says(phone.entity, *ask(phone), "denied"));
  fixture.wait(hours(24 * 29));
  const auto off = ask(phone);
  EXPECT_EQ(fault_of(off), ErrorCode::kChallengeLimit);
  EXPECT_EQ(off.error().retry_after, std::nullopt) << "twice";
}

// As prompts to a browser are. [docs/fraud.md]
TEST_F(VerifyDevices, PromptsAndDenialsAreKnownToTheFraudRules) {
  usecase::TrustBook people;
  fixture.remember(people);
  const auto phone = device(key);
  ASSERT_TRUE(says(phone.entity, *ask(phone), "approved"));
  ASSERT_TRUE(says(phone.entity, *ask(phone), "denied"));
  risk::Features seen;
  people.profile_of({fixture.account(), phone.entity.id}, std::nullopt).describe_events(fixture.now(), seen);
  EXPECT_EQ(seen.get(risk::Feature::kPromptsHour), 2);
  EXPECT_EQ(seen.get(risk::Feature::kDenialsDay), 1);
}

TEST_F(VerifyDevices, OneThatIsRemovedOrObjectedToAnswersNothing) {
  const auto phone = device(key);
  const FactorId& id = phone.factor.row.state.id;
  const auto asked = ask(phone);
  const auto history = fixture.history();
  const auto binding = domain::standing::binding_of(history, id.id)->id;
  const usecase::SubjectAt the_person{std::string(kIdentity), ""};
  ASSERT_TRUE(work([&](const usecase::Work& w) { return usecase::object_to_source(w, the_person, binding); }));
  EXPECT_EQ(fault_of(says(phone.entity, *asked, "approved")), ErrorCode::kChallengeVerification);
  EXPECT_EQ(fault_of(ask(phone)), ErrorCode::kFactorUnverified);

  const auto second = device(other);
  const auto again = ask(second);
  ASSERT_TRUE(again);
  ASSERT_TRUE(work([&](const usecase::Work& w) {
    return verify_api::remove_factor(w, api.service, second.entity, second.factor.row.state.id);
  }));
  const json::object good = claims(second.entity, *again, "approved");
  EXPECT_EQ(fault_of(answer(second.entity, *again, good, other, other)), ErrorCode::kChallengeVerification);
  EXPECT_TRUE(create(other)) << "its key may be registered anew";
}

TEST_F(VerifyDevices, SayAnewWhereNotificationsGo) {
  const auto phone = device(key);
  verify_api::FactorChange wanted;
  wanted.config = json::object{{"notification_token", "another-registration-token-of-the-phone"}, {"sdk_version", "2"}};
  const auto changed = change(phone.entity, phone.factor.row.state.id, wanted);
  ASSERT_TRUE(changed);
  const auto config = verify_api::device_config(*changed);
  EXPECT_EQ(json_text(config, "notification_token"), "another-registration-token-of-the-phone");
  EXPECT_EQ(json_text(config, "app_id"), "br.example.shop");
  EXPECT_EQ(json_text(config, "credential_sid"), verify_api::credential_of(phone.factor.row.state.id));
}

// The application is told by a webhook, which holds nothing private until it is sent.
TEST_F(VerifyDevices, TheApplicationIsHandedTheRegistrationToken) {
  ASSERT_TRUE(fixture.add_endpoint());
  const auto phone = device(key);
  const auto asked = ask(phone, {{"message", "Pay 120 to Ana?"}});
  ASSERT_TRUE(asked);
  std::vector<usecase::WebhookJob> jobs = fixture.due_deliveries();
  std::erase_if(jobs, [](const auto& job) { return job.row.event_type != "push.requested"; });
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].row.body.find(kRegistrationToken), std::string::npos);
  EXPECT_EQ(jobs[0].row.body.find("Ana"), std::string::npos);
  const auto body = parse_json(jobs[0].attempt.body)->get_object();
  const auto& data = body.at("data").as_object();
  EXPECT_EQ(json_text(data, "token"), kRegistrationToken);
  EXPECT_EQ(json_text(data, "platform"), "fcm");
  EXPECT_EQ(json_text(data, "app_id"), "br.example.shop");
  EXPECT_EQ(json_text(data, "message"), "Pay 120 to Ana?");
  EXPECT_EQ(json_text(data, "identity"), kIdentity);
  EXPECT_EQ(json_text(data, "status"), "pending");
  EXPECT_EQ(json_text(data, "challenge"), id_text("YC", asked->id));
  EXPECT_EQ(json_text(data, "factor"), phone.factor.row.state.id.text());
}

TEST_F(VerifyDevices, NotificationsAreRepeatedThreeTimes) {
  const auto phone = device(key);
  const auto asked = ask(phone);
  const auto again = [&](const Id& challenge, const verify_api::CreatedDevice& of) {
    return work(
        [&](const usecase::Work& w) { return verify_api::notify_again(w, api.service, of.entity, challenge, 300); });
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(fault_of(again(asked->id, phone)), kNone);
  EXPECT_EQ(fault_of(again(asked->id, phone)), ErrorCode::kNotificationLimit);
  ASSERT_TRUE(says(phone.entity, *asked, "approved"));
  EXPECT_EQ(fault_of(again(asked->id, phone)), ErrorCode::kChallengeResponded);
  const auto made = create(other, kIdentity, "none");
  ASSERT_TRUE(verified(*made, other));
  EXPECT_EQ(fault_of(again(ask(*made)->id, *made)), ErrorCode::kNoNotifications);
}

// Access tokens.
TEST_F(VerifyDevices, AnAccessTokenIsForOnePhoneOnce) {
  const auto made = work([&](const usecase::Work& w) {
    return verify_api::create_access_token(w, api.service, {std::string(kIdentity), "Pixel", 60});
  });
  ASSERT_TRUE(made);
  const auto claim = verify_api::read_access_claim(made->token.expose());
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->account, fixture.account());
  const auto look = [&](const verify_api::AccessClaim& with) {
    return work([&](const usecase::Work& w) { return verify_api::look_for_access_token(w, api.service, with); });
  };
  ASSERT_TRUE(look(*claim));
  EXPECT_EQ(look(*claim)->identity, kIdentity);
  EXPECT_EQ(look(*claim)->friendly_name, "Pixel");
  auto wrong = *claim;
  wrong.secret = SecretString(std::string(32, 'x'));
  EXPECT_FALSE(look(wrong));
  wrong = *claim;
  wrong.id = Id{};
  EXPECT_FALSE(look(wrong));
  const auto mine = api.service;
  api.make_service({});
  EXPECT_FALSE(look(*claim)) << "of another service";
  api.service = mine;
  fixture.wait(seconds(59));
  ASSERT_TRUE(look(*claim));
  work([&](const usecase::Work& w) {
    verify_api::spend_access_token(w, api.service, *verify_api::look_for_access_token(w, api.service, *claim));
    return Done{};
  });
  EXPECT_FALSE(look(*claim)) << "used";
  EXPECT_EQ(count("access_token.created"), 1);
}

TEST_F(VerifyDevices, AnAccessTokenEnds) {
  const auto made = work([&](const usecase::Work& w) {
    return verify_api::create_access_token(w, api.service, {std::string(kIdentity), "", 60});
  });
  const auto claim = verify_api::read_access_claim(made->token.expose()).value();
  fixture.wait(seconds(60));
  EXPECT_FALSE(work([&](const usecase::Work& w) { return verify_api::look_for_access_token(w, api.service, claim); }));
  for (const std::string& text :
       {std::string(), made->token.expose().substr(1), made->token.expose() + "A", std::string("a.b.c")})
    EXPECT_FALSE(verify_api::read_access_claim(text));
}

// Requests of the SDKs.
TEST_F(VerifyDevices, ARequestIsSignedByTheDeviceAndIsOfNow) {
  const auto phone = device(key);
  const FactorId& id = phone.factor.row.state.id;
  const std::int64_t now = to_unix_seconds(fixture.now());
  const json::object header{
      {"typ", "JWT"}, {"alg", "ES256"}, {"cty", "twilio-pba;v=1"}, {"kid", verify_api::credential_of(id)}};
  const json::object claims{{"sub", fixture.account().text()}, {"nbf", now}, {"exp", now + 600}};
  const auto read = [&](const json::object& head, const json::object& said) {
    return verify_api::read_device_claim(key.jwt(head, said), fixture.now());
  };
  const auto good = read(header, claims);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->account, fixture.account());
  EXPECT_EQ(good->factor, id);
  const auto known = [&](std::string_view identity, const FactorId& factor) {
    return work([&](const usecase::Work& w) { return verify_api::look_for_device(w, api.service, identity, factor); });
  };
  EXPECT_TRUE(verify_api::is_signed_in(*good, known(kIdentity, id)));
  EXPECT_FALSE(verify_api::is_signed_in(*good, std::nullopt));
  EXPECT_FALSE(known("another-person", id));
  const auto theirs = device(other, "another-person");
  EXPECT_FALSE(known(kIdentity, theirs.factor.row.state.id));
  EXPECT_FALSE(verify_api::is_signed_in(*good, known("another-person", theirs.factor.row.state.id)))
      << "the signature of another device";

  const auto header_with = [&](std::string_view name, json::value value) {
    json::object out = header;
    out[name] = std::move(value);
    return out;
  };
  for (const auto& bad : {header_with("cty", "twilio-pba;v=2"), header_with("cty", nullptr), header_with("kid", "CR1"),
                          header_with("kid", json::value(id.text())), header_with("alg", "none"),
                          header_with("alg", "HS256"), header_with("typ", "at+jwt")})
    EXPECT_FALSE(read(bad, claims)) << canonical_json(bad);
  const auto claims_with = [&](std::string_view name, json::value value) {
    json::object out = claims;
    out[name] = std::move(value);
    return out;
  };
  for (const auto& bad : {claims_with("sub", "AC1"), claims_with("sub", nullptr), claims_with("nbf", nullptr),
                          claims_with("exp", "600"), claims_with("exp", now + 601), claims_with("exp", now),
                          claims_with("nbf", now + 61), claims_with("nbf", now - 1), claims_with("nbf", -1),
                          claims_with("exp", 9'007'199'254'740'991), claims_with("iss", "somebody")})
    EXPECT_FALSE(read(header, bad)) << canonical_json(bad);
  EXPECT_TRUE(read(header, claims_with("iss", json::value(fixture.account().text()))));
  // It lives ten minutes, and the clocks may differ by one.
  const std::string token = key.jwt(header, claims);
  EXPECT_TRUE(verify_api::read_device_claim(token, fixture.now() + seconds(659)));
  EXPECT_FALSE(verify_api::read_device_claim(token, fixture.now() + seconds(660)));
  EXPECT_TRUE(verify_api::read_device_claim(token, fixture.now() - seconds(60)));
  EXPECT_FALSE(verify_api::read_device_claim(token, fixture.now() - seconds(61)));

  const auto device_now = known(kIdentity, id).value();
  const auto still = [&] {
    return work([&](const usecase::Work& w) { return verify_api::is_still_known(w, device_now); });
  };
  EXPECT_TRUE(still());
  ASSERT_TRUE(
      work([&](const usecase::Work& w) { return verify_api::remove_factor(w, api.service, phone.entity, id); }));
  EXPECT_FALSE(still());
  EXPECT_FALSE(known(kIdentity, id));
}

}  // namespace
}  // namespace countersign::testing
