#include "likelihood.hpp"

#include <algorithm>
#include <cmath>

#include "elementary.hpp"
#include "ice.hpp"

namespace pandel {
namespace {

/// A module on the track itself has no transverse direction; a centimetre keeps the gradient finite and changes no likelihood.
constexpr double kTrackRadiusSquared = 1e-4;

constexpr int kFactors = 8;

/// The brightest modules would draw the centre to themselves.
constexpr double kLargestWeight = 100.0;

double dot(const Point& a, const Point& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

Point weighted_centre(const std::vector<Hit>& hits) {
  Point sum{0, 0, 0};
  double weights = 0;
  for (const Hit& hit : hits) {
    const double weight = std::min(std::max(hit.charge, 1e-3), kLargestWeight);
    sum.x += weight * hit.x;
    sum.y += weight * hit.y;
    sum.z += weight * hit.z;
    weights += weight;
  }
  return {sum.x / weights, sum.y / weights, sum.z / weights};
}

}  // namespace

Likelihood::Likelihood(const LikelihoodSettings& settings, const Table& table, const std::vector<Hit>& hits)
    : settings_(settings), table_(table), hits_(hits), centre_(weighted_centre(hits)) {
  seen_.resize(hits.size());
  starts_.resize(hits.size());
}

void Likelihood::look_at(double zenith_rad, double azimuth_rad) {
  const SinCos zenith = sin_cos(zenith_rad);
  const SinCos azimuth = sin_cos(azimuth_rad);
  along_ = {-zenith.sin * azimuth.cos, -zenith.sin * azimuth.sin, -zenith.cos};
  // v is horizontal, so that only u has a vertical part.
  axis_v_ = {-azimuth.sin, azimuth.cos, 0};
  axis_u_ = {-zenith.cos * azimuth.cos, -zenith.cos * azimuth.sin, zenith.sin};
  cos_eta_along_ = kCosCherenkov * along_.z;
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    const Hit& hit = hits_[i];
    const Point away{hit.x - centre_.x, hit.y - centre_.y, hit.z - centre_.z};
    const double multiplicity = std::max(1.0, hit.charge);
    seen_[i] = {dot(away, axis_u_), dot(away, axis_v_), kLightSpeed * hit.time_ns - dot(away, along_), logarithm(multiplicity),
                multiplicity - 1.0};
  }
}

template <bool kOfMany>
Evaluation Likelihood::sum(const Unknowns& unknowns) const {
  double product = 1.0;
  int factors = 0;
  double total = 0, by_u = 0, by_v = 0, by_time = 0;
  const double vertical = kSinCherenkov * axis_u_.z;
  const double delay = kDelayPerDistance / kLightSpeed;
  for (const Seen& seen : seen_) {
    const double du = seen.u - unknowns[0];
    const double dv = seen.v - unknowns[1];
    const double rho = std::sqrt(du * du + dv * dv + kTrackRadiusSquared);
    const double per_rho = 1.0 / rho;
    const double unit_u = du * per_rho;
    const double unit_v = dv * per_rho;
    const double cos_eta = cos_eta_along_ + vertical * unit_u;
    const double xi = effective_distance(rho, cos_eta) * (1.0 / kScatteringLength);
    const double residual = (seen.light_time - unknowns[2] - kDelayPerDistance * rho) * (1.0 / kLightSpeed);

    const TableValue value = table_.at<kOfMany>(xi, residual);
    double log_p = value.log_density, by_xi = value.log_density_by_xi, by_residual = value.log_density_by_time;
    if constexpr (kOfMany) {
      log_p += seen.log_multiplicity + seen.others * value.log_survival;
      by_xi += seen.others * value.log_survival_by_xi;
      by_residual += seen.others * value.log_survival_by_time;
    }
    const double p = exponential(log_p);
    const double density = p + settings_.floor;
    const double share = p / density;
    // One logarithm for a few hits; the floor and the largest density keep the product of eight far inside a double's range.
    product *= density;
    if (++factors == kFactors) {
      total -= logarithm(product);
      product = 1.0;
      factors = 0;
    }

    // Derivatives of rho and of cos eta in u and v have the sign of the module's move, opposite to the track's.
    const double xi_by_cos = (9.2 * cos_eta - 3.9) * (1.0 / kScatteringLength) * vertical * per_rho;
    const double xi_by_rho = 0.84 / kScatteringLength;
    const double by_rho = by_xi * xi_by_rho - by_residual * delay;
    const double by_turn = by_xi * xi_by_cos;
    by_u += share * (by_rho * unit_u + by_turn * (1.0 - unit_u * unit_u));
    by_v += share * (by_rho * unit_v - by_turn * unit_u * unit_v);
    by_time += share * (by_residual * (1.0 / kLightSpeed));
  }
  return {total - logarithm(product), {by_u, by_v, by_time}};
}

Evaluation Likelihood::at(const Unknowns& unknowns) {
  ++evaluations_;
  return settings_.model == Model::kFirstOfMany ? sum<true>(unknowns) : sum<false>(unknowns);
}

const std::vector<double>& Likelihood::undelayed_starts(double u, double v) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const double du = seen_[i].u - u;
    const double dv = seen_[i].v - v;
    starts_[i] = seen_[i].light_time - kDelayPerDistance * std::sqrt(du * du + dv * dv);
  }
  std::sort(starts_.begin(), starts_.end());
  return starts_;
}

Unknowns Likelihood::unknowns_of(const Vertex& vertex) const {
  const Point away{vertex.position.x - centre_.x, vertex.position.y - centre_.y, vertex.position.z - centre_.z};
  return {dot(away, axis_u_), dot(away, axis_v_), kLightSpeed * vertex.time_ns - dot(away, along_)};
}

Vertex Likelihood::vertex_of(const Unknowns& unknowns) const {
  const double u = unknowns[0], v = unknowns[1];
  return {{centre_.x + u * axis_u_.x + v * axis_v_.x, centre_.y + u * axis_u_.y + v * axis_v_.y, centre_.z + u * axis_u_.z + v * axis_v_.z},
          unknowns[2] / kLightSpeed};
}

}  // namespace pandel
