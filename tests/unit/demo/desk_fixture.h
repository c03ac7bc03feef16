#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "demo/confirmations.h"
#include "demo/organizers.h"
#include "support/fake_time.h"

namespace countersign::demo {

/// A box office's database in a folder of its own, with one organiser whose details are all right.
class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    std::string name = (std::filesystem::temp_directory_path() / "box-office-XXXXXX").string();
    CS_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    database_ = *Database::open(file());
    organizer_ = find_or_make_organizer(*database_, visitor_, moment_);
  }
  ~DeskTest() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "box-office.db"; }

  [[nodiscard]] Review a_review() {
    const auto draft = load_draft(*database_, organizer_, visitor_);
    return {organizer_,
            draft.review,
            {"Casa do Samba", "oi@casa.example", "+5511987654321", *parse_document("52998224725")},
            Event{"Noite", "2027-06-24", "20:00", "Galpão", "01310-100", {{"Pista", 8000, 10}}},
            IbanPayout{"PT50000201231234567890154"},
            std::nullopt};
  }
  [[nodiscard]] Confirmation a_held_one(const std::string& transaction = "TX1") {
    const auto review = a_review();
    begin_confirmation(*database_, review, moment_);
    note_transaction(*database_, review.id, transaction);
    return *find_confirmation(*database_, review.id);
  }
  [[nodiscard]] static CountersignClient::Claim a_claim(const std::string& token = "token-1") {
    return {to_json(IbanPayout{"PT50000201231234567890154"}), "a.b.c", "RC1", token};
  }
  [[nodiscard]] std::string state_of(const Confirmation& one) { return find_confirmation(*database_, one.id)->state; }
  [[nodiscard]] Organizer organizer_now() { return *find_organizer(*database_, visitor_); }

  testing::FakeClock clock_;
  testing::SeededRandom random_;
  Moment moment_{clock_.now(), random_};
  Visitor visitor_ = Visitor::make(random_);
  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
  Organizer organizer_;
};

}  // namespace countersign::demo
