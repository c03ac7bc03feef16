#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace countersign::api {

/// A label. kOpen: its values come from outside the program (services, countries, endpoints), so only a ceiling bounds
/// them; kFixed: a few words of the program.
struct MetricLabel {
  enum class Values { kFixed, kOpen };
  std::string name;
  Values values = Values::kFixed;
};

struct MetricName {
  std::string name;
  std::string type;  ///< As in the text format.
  std::string help;
};

/// One metric family and its series, found by their labels without an allocation, for the hot path. Distinguishes at
/// most `ceiling` sets of labels; later ones get `other` for each open label. Thread-safe.
template <class Series>
class SeriesFamily {
 public:
  template <class... Bounds>
  SeriesFamily(prometheus::Registry& registry, std::vector<MetricName>& names, const std::string& name,
               const std::string& help, std::vector<MetricLabel> labels, std::size_t ceiling, Bounds... bounds)
      : labels_(std::move(labels)),
        ceiling_(ceiling),
        family_(make(registry, name, help)),
        make_(
            [this, bounds...](const prometheus::Labels& values) -> Series& { return family_.Add(values, bounds...); }) {
    names.push_back({name, std::string(kType), help});
  }

  /// The values in the order of the labels.
  Series& at(std::initializer_list<std::string_view> values) {
    thread_local std::string key;
    key.clear();
    for (const auto value : values) key.append(value).push_back('\x1f');
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = series_.find(std::string_view(key)); found != series_.end()) return *found->second;
    }
    return make_series(key, values);
  }

 private:
  static constexpr std::string_view kType = std::is_same_v<Series, prometheus::Counter> ? "counter"
                                            : std::is_same_v<Series, prometheus::Gauge> ? "gauge"
                                                                                        : "histogram";
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  static prometheus::Family<Series>& make(prometheus::Registry& registry, const std::string& name,
                                          const std::string& help) {
    if constexpr (std::is_same_v<Series, prometheus::Counter>)
      return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    else if constexpr (std::is_same_v<Series, prometheus::Gauge>)
      return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    else
      return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  Series& make_series(const std::string& key, std::initializer_list<std::string_view> values) {
    const std::unique_lock lock(mutex_);
    if (const auto found = series_.find(std::string_view(key)); found != series_.end()) return *found->second;
    const bool full = told_apart_ >= ceiling_;
    prometheus::Labels labels;
    auto value = values.begin();
    for (const auto& label : labels_) {
      const bool open = label.values == MetricLabel::Values::kOpen;
      labels[label.name] = full && open ? std::string("other") : std::string(*value);
      ++value;
    }
    Series& series = make_(labels);
    // Series beyond the ceiling are not stored: their number is unbounded.
    if (full) return series;
    ++told_apart_;
    series_.emplace(key, &series);
    return series;
  }

  const std::vector<MetricLabel> labels_;
  const std::size_t ceiling_;
  prometheus::Family<Series>& family_;
  const std::function<Series&(const prometheus::Labels&)> make_;
  std::shared_mutex mutex_;
  std::size_t told_apart_ = 0;
  std::unordered_map<std::string, Series*, Hash, std::equal_to<>> series_;
};

using Counters = SeriesFamily<prometheus::Counter>;
using Gauges = SeriesFamily<prometheus::Gauge>;
using Histograms = SeriesFamily<prometheus::Histogram>;

}  // namespace countersign::api
