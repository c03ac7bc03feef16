#include "domain/method.h"

#include <gtest/gtest.h>

#include <set>

namespace countersign::domain {
namespace {

constexpr std::array kAll{Method::kSms,  Method::kCall,     Method::kWhatsapp, Method::kEmail,
                          Method::kTotp, Method::kWebauthn, Method::kPush,     Method::kRecoveryCode};

TEST(Method, EveryNameIsReadBack) {
  std::set<std::string_view> names;
  for (const Method m : kAll) {
    EXPECT_EQ(parse_method(to_text(m)), m);
    names.insert(to_text(m));
  }
  EXPECT_EQ(names.size(), kAll.size());
  for (const char* text : {"", "SMS", "sms ", "otp", "passkey"}) EXPECT_FALSE(parse_method(text)) << text;
}

TEST(Method, ThreeChannelsToOneTelephoneAreOneKind) {
  EXPECT_EQ(kind_of(Method::kSms), Kind::kPhone);
  EXPECT_EQ(kind_of(Method::kCall), Kind::kPhone);
  EXPECT_EQ(kind_of(Method::kWhatsapp), Kind::kPhone);
  std::set<Kind> kinds;
  for (const Method m : kAll) kinds.insert(kind_of(m));
  EXPECT_EQ(kinds.size(), kAll.size() - 2);
}

TEST(Method, ChannelsAndMethodsFindEachOther) {
  using contact::Channel;
  for (const Channel c : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail, Channel::kPush}) {
    EXPECT_EQ(channel_of(method_of(c)), c);
  }
  EXPECT_FALSE(channel_of(Method::kTotp));
  EXPECT_FALSE(channel_of(Method::kWebauthn));
  EXPECT_FALSE(channel_of(Method::kRecoveryCode));
}

TEST(Method, WhatHoldsTheCodeAloneCarriesNoTransaction) {
  EXPECT_TRUE(carries_transaction(Method::kSms));
  EXPECT_TRUE(carries_transaction(Method::kEmail));
  EXPECT_FALSE(carries_transaction(Method::kTotp));
  EXPECT_FALSE(carries_transaction(Method::kWhatsapp));
  EXPECT_FALSE(carries_transaction(Method::kRecoveryCode));
}

TEST(MethodSet, HoldsWhatWasAdded) {
  MethodSet set;
  EXPECT_TRUE(set.empty());
  for (const Method m : kAll) {
    EXPECT_FALSE(set.contains(m));
    set.add(m);
    set.add(m);
    EXPECT_TRUE(set.contains(m));
  }
  EXPECT_EQ(set.list(), std::vector<Method>(kAll.begin(), kAll.end()));
  EXPECT_EQ((MethodSet{Method::kTotp, Method::kSms}), (MethodSet{Method::kSms, Method::kTotp}));
}

}  // namespace
}  // namespace countersign::domain
