#pragma once

#include <array>
#include <vector>

#include "hits.hpp"
#include "ice.hpp"
#include "table.hpp"

/// -ln L of a track through the hits, for a fixed direction.
///
///   SPE:  -sum ln(F + f)                 the first photon of a module as if it were the only one
///   MPE:  -sum ln(N F S^(N-1) + f)       the first one of N, N = max(1, charge)
///
/// f is a floor for noise, added after the power. Unknowns are the track's offsets from the hits' centre, transverse to its direction, and
/// c times the time at which it passes that centre: three lengths in m, of like size in the likelihood.
namespace pandel {

enum class Model { kFirstOfOne, kFirstOfMany };

struct LikelihoodSettings {
  Model model;
  double jitter_ns;
  /// f, per ns.
  double floor;
  /// The same as the table's.
  Ice ice = {};
};

struct Point {
  double x, y, z;
};

/// (u, v, c t0) in m.
using Unknowns = std::array<double, 3>;

struct Evaluation {
  double value;
  Unknowns gradient;
};

/// A particle's position and the time at which it is there.
struct Vertex {
  Point position;
  double time_ns;
};

class Likelihood {
 public:
  Likelihood(const LikelihoodSettings& settings, const Table& table, const std::vector<Hit>& hits);

  /// Chooses the direction a particle comes from; needed before the rest.
  void look_at(double zenith_rad, double azimuth_rad);

  Evaluation at(const Unknowns& unknowns);

  /// For every hit c t0 for which its light would have come without delay, in rising order.
  const std::vector<double>& undelayed_starts(double u, double v);

  /// The track's offsets (u, v) where it passes through a point, and c t0 when it is there at the time.
  Unknowns unknowns_of(const Vertex& vertex) const;

  /// The point of the track closest to the hits' charge-weighted centre.
  Vertex vertex_of(const Unknowns& unknowns) const;

  std::size_t evaluations() const { return evaluations_; }

 private:
  /// Hits in the frame of the direction: transverse coordinates, and c t_hit less the way along the track, all relative to the centre.
  struct Seen {
    Lanes u, v;
    Lanes light_time;
    Lanes log_multiplicity;
    Lanes others;
    /// How many of the lanes hold a hit; the rest repeat the last one.
    int count;
  };

  template <bool kOfMany>
  Evaluation sum(const Unknowns& unknowns) const;

  LikelihoodSettings settings_;
  const Table& table_;
  const std::vector<Hit>& hits_;
  Point centre_{};
  Point along_{}, axis_u_{}, axis_v_{};
  /// cos eta = along + across * (z component of the unit vector from the track to the module).
  double cos_eta_along_ = 0;
  std::vector<Seen> seen_;
  std::vector<double> starts_;
  std::size_t evaluations_ = 0;
};

}  // namespace pandel
