#include "html/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/ascii.h"
#include "base/html_text.h"
#include "html/escape.h"
#include "html/markup_state.h"

namespace countersign::html {

struct Templates::Node {
  enum class Kind { kMarkup, kValue, kText, kSection, kInverted, kPartial };
  Kind kind = Kind::kMarkup;
  std::string text;  ///< Markup, or the name.
  MarkupState::Place place = MarkupState::Place::kContent;
  std::vector<Node> children;
};

namespace {

using Node = Templates::Node;
using Kind = Node::Kind;
using Place = MarkupState::Place;

constexpr int kPartialsMax = 8;  // More than enough; a deeper template includes itself.

/// Parses one template, and tracks the markup state.
class Parser {
 public:
  Parser(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  Result<std::vector<Node>, TemplateError> parse() {
    std::vector<Node> nodes = sequence("");
    if (error_) return fail(*error_);
    if (state_.place() != Place::kContent) return fail(error("does not end in element content"));
    return nodes;
  }

 private:
  TemplateError error(std::string_view what) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    return {fmt::format("{}.html:{}: {}", name_, line, what)};
  }
  void refuse(std::string_view what) {
    if (!error_) error_ = error(what);
    at_ = text_.size();
  }

  void take_markup(std::vector<Node>& out, std::size_t until) {
    const auto markup = text_.substr(at_, until - at_);
    state_.feed(markup);
    at_ = until;
    if (!markup.empty()) out.push_back({Kind::kMarkup, std::string(markup), Place::kContent, {}});
  }

  /// Up to `{{/section}}`, or to the end if `section` is empty.
  std::vector<Node> sequence(std::string_view section) {
    std::vector<Node> out;
    while (at_ < text_.size()) {
      take_markup(out, std::min(text_.find("{{", at_), text_.size()));
      if (at_ == text_.size()) break;
      const auto close = text_.find("}}", at_);
      if (close == std::string_view::npos) {
        refuse("{{ is never closed");
        break;
      }
      const std::string_view tag = text_.substr(at_ + 2, close - at_ - 2);
      at_ = close + 2;
      if (tag.starts_with('/')) {
        if (tag.substr(1) != section) refuse(fmt::format("{{{{{}}}}} closes nothing", tag));
        return out;
      }
      take_tag(out, tag);
    }
    if (!section.empty()) refuse(fmt::format("{{{{#{}}}}} is never closed", section));
    return out;
  }

  void take_tag(std::vector<Node>& out, std::string_view tag) {
    const char sigil = tag.empty() ? ' ' : tag.front();
    const std::string rest(tag.substr(std::min<std::size_t>(1, tag.size())));
    switch (sigil) {
      case '!':
        return;
      case '#':
        return take_section(out, Kind::kSection, rest);
      case '^':
        return take_section(out, Kind::kInverted, rest);
      case '>':
        if (state_.place() != Place::kContent) return refuse("a partial must stand in element content");
        out.push_back({Kind::kPartial, rest, Place::kContent, {}});
        return;
      case '@':
        return take_value(out, Kind::kText, rest);
      default:
        return take_value(out, Kind::kValue, std::string(tag));
    }
  }

  void take_section(std::vector<Node>& out, Kind kind, const std::string& name) {
    if (!is_name(name)) return refuse(fmt::format("{} is no name", name));
    const std::string before = state_.fingerprint();
    Node node{kind, name, state_.place(), {}};
    node.children = sequence(name);
    const bool at_boundary = at_ < text_.size() && std::string_view(" \n\t>/{").contains(text_[at_]);
    if (at_boundary) state_.end_attribute_name();
    if (!error_ && state_.fingerprint() != before)
      refuse(fmt::format("{} ends in another place than it began in", name));
    out.push_back(std::move(node));
  }

  void take_value(std::vector<Node>& out, Kind kind, const std::string& name) {
    if (!is_name(name)) return refuse(fmt::format("{} is no name", name));
    const Place place = state_.place();
    if (place == Place::kForbidden) {
      return refuse(
          fmt::format("{} stands where no value may: put it into content or a double-quoted attribute", name));
    }
    state_.feed_value();
    out.push_back({kind, name, place, {}});
  }

  static bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
      return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
    });
  }

  std::string_view name_;
  std::string_view text_;
  std::size_t at_ = 0;
  MarkupState state_;
  std::optional<TemplateError> error_;
};

template <class Visit>
void visit_all(const std::vector<Node>& nodes, const Visit& visit) {
  for (const auto& node : nodes) {
    visit(node);
    visit_all(node.children, visit);
  }
}

using All = std::map<std::string, std::vector<Node>, std::less<>>;

class Renderer {
 public:
  Renderer(const All& all, const Language& language) : all_(all), language_(language) { out_.reserve(8192); }

  std::string render(std::string_view name, const Object& values) {
    stack_.push_back(&values);
    partial(name);
    return std::move(out_);
  }

 private:
  void partial(std::string_view name) {
    const auto found = all_.find(name);
    if (found == all_.end() || depth_ == kPartialsMax) throw std::logic_error(fmt::format("no template {}", name));
    ++depth_;
    sequence(found->second);
    --depth_;
  }

  void sequence(const std::vector<Node>& nodes) {
    for (const auto& node : nodes) one(node);
  }

  void one(const Node& node) {
    switch (node.kind) {
      case Kind::kMarkup:
        out_ += node.text;
        break;
      case Kind::kValue:
        value(node);
        break;
      case Kind::kText:
        append_html_escaped(out_, language_.text(node.text, [&](std::string_view name) { return need(name).text(); }));
        break;
      case Kind::kSection:
        section(node);
        break;
      case Kind::kInverted:
        if (const Value* found = find(node.text); found == nullptr || !found->truthy()) sequence(node.children);
        break;
      case Kind::kPartial:
        partial(node.text);
        break;
    }
  }

  void value(const Node& node) {
    const Value& found = need(node.text);
    if (const auto* markup = found.as<Html>()) {
      if (node.place != Place::kContent) throw std::logic_error(fmt::format("{} is markup inside a tag", node.text));
      out_ += markup->markup();
      return;
    }
    const std::string text = found.text();
    append_html_escaped(out_, node.place == Place::kLinkStart && !is_safe_link(text) ? "#" : text);
  }

  void section(const Node& node) {
    const Value* found = find(node.text);
    if (found == nullptr || !found->truthy()) return;
    if (const auto* list = found->as<List>()) {
      for (const auto& object : *list) inside(object, node);
    } else if (const auto* object = found->as<Object>()) {
      inside(*object, node);
    } else {
      sequence(node.children);
    }
  }

  void inside(const Object& object, const Node& node) {
    stack_.push_back(&object);
    sequence(node.children);
    stack_.pop_back();
  }

  const Value* find(std::string_view name) const {
    for (auto at = stack_.rbegin(); at != stack_.rend(); ++at) {
      if (const auto found = (*at)->find(name); found != (*at)->end()) return &found->second;
    }
    return nullptr;
  }
  const Value& need(std::string_view name) const {
    const Value* found = find(name);
    if (found == nullptr) throw std::logic_error(fmt::format("the page has no value {}", name));
    return *found;
  }

  const All& all_;
  const Language& language_;
  std::string out_;
  std::vector<const Object*> stack_;
  int depth_ = 0;
};

}  // namespace

Templates::Templates() = default;
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;
Templates::~Templates() = default;

Result<Templates, TemplateError> Templates::parse(std::span<const EmbeddedFile> files, const Catalogue& catalogue) {
  Templates templates;
  for (const auto& file : files) {
    const std::string name(file.name.substr(0, file.name.rfind(".html")));
    auto nodes = Parser(name, file.bytes).parse();
    if (!nodes) return fail(nodes.error());
    templates.all_.emplace(name, *std::move(nodes));
  }
  std::optional<TemplateError> error;
  for (const auto& [name, nodes] : templates.all_) {
    visit_all(nodes, [&, &name = name](const Node& node) {
      if (node.kind == Kind::kPartial && !templates.all_.contains(node.text))
        error = TemplateError{fmt::format("{}.html: there is no template {}", name, node.text)};
      if (node.kind == Kind::kText && !catalogue.languages().front().has(node.text))
        error = TemplateError{fmt::format("{}.html: there is no text {}", name, node.text)};
    });
  }
  if (error) return fail(*error);
  return templates;
}

std::string Templates::render(std::string_view name, const Object& values, const Language& language) const {
  return Renderer(all_, language).render(name, values);
}

std::vector<std::string> Templates::text_keys() const {
  std::set<std::string> keys;
  for (const auto& [name, nodes] : all_) {
    visit_all(nodes, [&](const Node& node) {
      if (node.kind == Kind::kText) keys.insert(node.text);
    });
  }
  return {keys.begin(), keys.end()};
}

}  // namespace countersign::html
