#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "driver/histogram.h"
#include "driver/random.h"

using doorbell::driver::Histogram;
using doorbell::driver::Random;

TEST_CASE("Any value up to 100 s comes back within 1 %") {
  for (double value = 1; value < 100e9; value *= 1.0009) {
    const auto ns = static_cast<std::uint64_t>(value);
    const double back = Histogram::valueOf(Histogram::bucketOf(ns));
    REQUIRE(std::abs(back - static_cast<double>(ns)) <= 0.01 * static_cast<double>(ns));
  }
}

TEST_CASE("Buckets follow each other without gap or overlap") {
  std::size_t last = Histogram::bucketOf(0);
  CHECK(last == 0);
  for (std::uint64_t ns = 1; ns < 1'000'000; ++ns) {
    const std::size_t bucket = Histogram::bucketOf(ns);
    REQUIRE((bucket == last || bucket == last + 1));
    last = bucket;
  }
  CHECK(Histogram::bucketOf(Histogram::kMaxTracked) == Histogram::kBuckets - 1);
}

TEST_CASE("Percentiles of random samples are within 1 % of the sorted truth") {
  auto histogram = std::make_unique<Histogram>();
  std::vector<std::uint64_t> truth;
  Random random(7);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t ns = 500 + random.below(1ULL << (10 + random.below(26)));
    histogram->record(ns);
    truth.push_back(ns);
  }
  std::sort(truth.begin(), truth.end());
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9, 99.99}) {
    CAPTURE(percent);
    const auto rank =
        static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(truth.size())));
    const auto expected = static_cast<double>(truth[rank - 1]);
    CHECK(std::abs(histogram->percentile(percent) - expected) <= 0.01 * expected);
  }
  CHECK(histogram->percentile(100) == static_cast<double>(truth.back()));
  CHECK(histogram->min() == truth.front());
  CHECK(histogram->max() == truth.back());
  double sum = 0;
  for (const auto ns : truth) sum += static_cast<double>(ns);
  CHECK(histogram->mean() ==
        doctest::Approx(sum / static_cast<double>(truth.size())).epsilon(1e-9));
}

TEST_CASE("Values beyond the range are counted, and their maximum is exact") {
  Histogram histogram;
  histogram.record(1ULL << 50U);
  CHECK(histogram.max() == 1ULL << 50U);
  CHECK(histogram.percentile(100) == std::ldexp(1.0, 50));
}

TEST_CASE("Merging adds up") {
  Histogram a;
  Histogram b;
  a.record(100);
  b.record(300);
  a.merge(b);
  CHECK(a.count() == 2);
  CHECK(a.min() == 100);
  CHECK(a.max() == 300);
  CHECK(a.mean() == 200);
}

TEST_CASE("An empty histogram is all zeros") {
  const Histogram histogram;
  CHECK(histogram.min() == 0);
  CHECK(histogram.mean() == 0);
  CHECK(histogram.percentile(99) == 0);
}

TEST_CASE("A percentile is of whole samples: 99.9 % of 1000 are 999") {
  Histogram histogram;
  for (int i = 0; i < 999; ++i) histogram.record(100);
  histogram.record(5000);
  CHECK(histogram.percentile(99.9) == 100);
  CHECK(histogram.percentile(99.91) == 5000);
  std::uint64_t seen = 0;
  histogram.each([&](double, std::uint64_t count) { seen += count; });
  CHECK(seen == 1000);
}
