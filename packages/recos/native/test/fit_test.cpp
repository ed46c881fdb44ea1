#include "fit.hpp"

#include "check.hpp"
#include "ice.hpp"
#include "minimiser.hpp"

using namespace pandel;
using namespace check;

namespace {

constexpr double kZenith = 1.1;
constexpr double kAzimuth = 2.3;

const Table& table_of(Model model) {
  static const Table wide(15);
  static const Table narrow(4);
  return model == Model::kFirstOfMany ? narrow : wide;
}

LikelihoodSettings settings_of(Model model) { return {model, model == Model::kFirstOfMany ? 4.0 : 15.0, 1e-8}; }

/// The delay by which a share `quantile` of a module's first photons has come, by halving.
double delay_of(Model model, double xi, double charge, double quantile) {
  const auto survival = [&](double time) {
    Lanes xis, times;
    for (int k = 0; k < kBlock; ++k) {
      xis[k] = xi;
      times[k] = time;
    }
    TableValues values;
    table_of(model).look_up<true>(xis, times, values);
    return values.log_survival[0];
  };
  double early = -100, late = 5000;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (early + late);
    (charge * survival(middle) > std::log(1 - quantile) ? early : late) = middle;
  }
  return early;
}

/// Modules on a grid around a track through `vertex`, with evenly spread quantiles of the model for their times.
std::vector<Hit> hits_around(const Vertex& vertex, Model model = Model::kFirstOfMany) {
  const double dx = -std::sin(kZenith) * std::cos(kAzimuth), dy = -std::sin(kZenith) * std::sin(kAzimuth), dz = -std::cos(kZenith);
  std::vector<Hit> hits;
  int number = 0;
  for (double x = -200; x <= 200; x += 125) {
    for (double y = -200; y <= 200; y += 125) {
      for (double z = -150; z <= 150; z += 50) {
        const double rx = x - vertex.position.x, ry = y - vertex.position.y, rz = z - vertex.position.z;
        const double a = rx * dx + ry * dy + rz * dz;
        const double rho = std::sqrt(rx * rx + ry * ry + rz * rz - a * a);
        if (rho > 100) continue;
        ++number;
        const double cos_eta = kCosCherenkov * dz + kSinCherenkov * (rz - a * dz) / rho;
        const double charge = model == Model::kFirstOfMany ? 1.0 + 40.0 / (1 + rho / 10) : 1.0;
        const double delay = delay_of(model, effective_distance(rho, cos_eta) / Ice{}.scattering_m, charge, std::fmod(0.5 + number * 0.6180339887, 1.0));
        hits.push_back({x, y, z, vertex.time_ns + (a + kDelayPerDistance * rho) / kLightSpeed + delay, charge, number});
      }
    }
  }
  return hits;
}

const Vertex kTruth{{30, -20, 15}, 10000};

}  // namespace

GUARANTEE("the gradient is that of the likelihood, for both models") {
  for (const Model model : {Model::kFirstOfOne, Model::kFirstOfMany}) {
    const std::vector<Hit> hits = hits_around(kTruth);
    Likelihood likelihood(settings_of(model), table_of(model), hits);
    for (const double zenith : {0.0, 0.6, kZenith, 3.1}) {
      likelihood.look_at(zenith, kAzimuth);
      for (int k = 0; k < 40; ++k) {
        Unknowns at{std::sin(k * 1.7) * 90, std::cos(k * 2.3) * 90, 0};
        const std::vector<double>& starts = likelihood.undelayed_starts(at[0], at[1]);
        at[2] = starts[starts.size() * static_cast<std::size_t>(k % 5) / 5] + 3.1;
        const Evaluation here = likelihood.at(at);
        for (std::size_t i = 0; i < 3; ++i) {
          Unknowns more = at, less = at;
          more[i] += 1e-4;
          less[i] -= 1e-4;
          const double numeric = (likelihood.at(more).value - likelihood.at(less).value) / 2e-4;
          expect_near(here.gradient[i], numeric, 1e-5 * (1 + std::fabs(numeric)), "unknown " + std::to_string(i));
        }
      }
    }
  }
}

GUARANTEE("the likelihood of many photons is the one of one photon where every module has one") {
  std::vector<Hit> hits = hits_around(kTruth);
  for (Hit& hit : hits) hit.charge = 0.4;
  Likelihood one({Model::kFirstOfOne, 15, 1e-8}, table_of(Model::kFirstOfOne), hits);
  Likelihood many({Model::kFirstOfMany, 15, 1e-8}, table_of(Model::kFirstOfOne), hits);
  one.look_at(kZenith, kAzimuth);
  many.look_at(kZenith, kAzimuth);
  const Unknowns at = one.unknowns_of(kTruth);
  expect_near(many.at(at).value, one.at(at).value, 1e-9, "value");
}

GUARANTEE("a module far from any light costs the floor and no more") {
  std::vector<Hit> hits = hits_around(kTruth);
  Likelihood without(settings_of(Model::kFirstOfMany), table_of(Model::kFirstOfMany), hits);
  without.look_at(kZenith, kAzimuth);
  const double before = without.at(without.unknowns_of(kTruth)).value;
  // So light a charge does not move the centre, which the unknowns count from.
  hits.push_back({5000, 5000, 0, -20000, 1e-9, 99});
  Likelihood with(settings_of(Model::kFirstOfMany), table_of(Model::kFirstOfMany), hits);
  with.look_at(kZenith, kAzimuth);
  expect_near(with.at(with.unknowns_of(kTruth)).value - before, -std::log(1e-8), 1e-6, "cost");
}

GUARANTEE("a track's vertex is found in the true direction, and lies on the track") {
  for (const Model model : {Model::kFirstOfOne, Model::kFirstOfMany}) {
    const std::vector<Hit> hits = hits_around(kTruth, model);
    Likelihood likelihood(settings_of(model), table_of(model), hits);
    const Fit fit = fit_direction(likelihood, kZenith, kAzimuth, std::nullopt, {});
    const Unknowns found = likelihood.unknowns_of(fit.vertex);
    const Unknowns truth = likelihood.unknowns_of(kTruth);
    for (std::size_t i = 0; i < 3; ++i) expect_near(found[i], truth[i], model == Model::kFirstOfMany ? 4.0 : 12.0, "unknown " + std::to_string(i));
    expect(fit.llh <= likelihood.at(truth).value, "no worse than the truth");
    expect_near(likelihood.at(found).value, fit.llh, 1e-6, "the likelihood of the vertex it names");
  }
}

GUARANTEE("a seed can only improve a fit, and a senseless one is harmless") {
  const std::vector<Hit> hits = hits_around(kTruth);
  Likelihood likelihood(settings_of(Model::kFirstOfMany), table_of(Model::kFirstOfMany), hits);
  for (const double zenith : {0.3, kZenith, 2.5}) {
    const double without = fit_direction(likelihood, zenith, 1.0, std::nullopt, {}).llh;
    for (const FitSeed& seed : {FitSeed{kTruth.position, kTruth.time_ns}, FitSeed{kTruth.position, std::nullopt}, FitSeed{{1e5, -1e5, 0}, 0.0},
                                FitSeed{{1e300, 1e300, -1e300}, 1e300}, FitSeed{{INFINITY, 0, 0}, NAN}}) {
      expect(fit_direction(likelihood, zenith, 1.0, seed, {}).llh <= without, "llh with a seed");
    }
  }
}

GUARANTEE("the same fit gives the same bits whatever came before") {
  const std::vector<Hit> hits = hits_around(kTruth);
  Likelihood likelihood(settings_of(Model::kFirstOfMany), table_of(Model::kFirstOfMany), hits);
  const Fit first = fit_direction(likelihood, 0.7, 0.7, FitSeed{{1, 2, 3}, 9990.0}, {});
  fit_direction(likelihood, 2.7, 5.7, std::nullopt, {});
  const Fit again = fit_direction(likelihood, 0.7, 0.7, FitSeed{{1, 2, 3}, 9990.0}, {});
  expect_equal(again.llh, first.llh, "llh");
  expect_equal(again.vertex.position.x, first.vertex.position.x, "x");
  expect_equal(again.vertex.time_ns, first.vertex.time_ns, "time");
}

GUARANTEE("the minimiser finds a curved valley's bottom and never goes up") {
  struct Result {
    double value;
    std::array<double, 2> gradient;
  };
  const auto rosenbrock = [](const std::array<double, 2>& x) {
    const double a = 1 - x[0], b = x[1] - x[0] * x[0];
    return Result{a * a + 100 * b * b, {-2 * a - 400 * b * x[0], 200 * b}};
  };
  const std::array<double, 2> start{-1.2, 1};
  MinimiserSettings settings;
  settings.tolerance = 1e-12;
  settings.first_step = 0.1;
  const Minimum<2> minimum = minimise<2>(start, rosenbrock(start), rosenbrock, settings);
  expect(minimum.converged, "converged");
  expect_near(minimum.at[0], 1, 1e-4, "x");
  expect_near(minimum.at[1], 1, 1e-4, "y");

  const auto senseless = [](const std::array<double, 2>&) { return Result{NAN, {NAN, NAN}}; };
  const Minimum<2> stuck = minimise<2>(start, rosenbrock(start), senseless, settings);
  expect_equal(stuck.value, rosenbrock(start).value, "value where nothing better is to be had");
}
