import { nutation, meanObliquityRad } from "./precession-nutation.ts";
import { arcsecRad } from "./rotation.ts";
import { centuriesSinceJ2000, utcToTt } from "./time-scales.ts";

const secondOfTimeRad = Math.PI / 43200;

/**
 * Greenwich apparent sidereal time as IceCube's coordinates have it: the IAU 1982 formula and the equation of the equinoxes of
 * SLALIB, both at the UTC date. (Today's IAU 2006 sidereal time differs by some hundredths of an arcsecond.)
 * @param mjd modified Julian date, UTC, which stands for UT1
 */
export function greenwichApparentSiderealTimeRad(mjd: number): number {
  const tu = centuriesSinceJ2000(mjd);
  const meanSec = 24110.54841 + (8640184.812866 + (0.093104 - 6.2e-6 * tu) * tu) * tu;
  const meanRad = 2 * Math.PI * (mjd - Math.floor(mjd)) + meanSec * secondOfTimeRad;
  return meanRad + equationOfEquinoxesRad(mjd);
}

/**
 * The reference's nutation in longitude (Shirai & Fukushima 2001) contains a correction to the IAU 1976 precession, which is
 * added to IAU 2000B here; together they agree with it to 2 mas.
 */
function equationOfEquinoxesRad(mjd: number): number {
  const tu = centuriesSinceJ2000(mjd);
  const tt = centuriesSinceJ2000(utcToTt(mjd));
  const dpsiRad = nutation(tt).dpsiRad + (-0.042888 - 0.29856 * tu) * arcsecRad;
  const omegaRad = ((450160.28 + (-6962890.539 + (7.455 + 0.008 * tu) * tu) * tu) % 1296000) * arcsecRad;
  return (
    dpsiRad * Math.cos(meanObliquityRad(tt)) + (0.00264 * Math.sin(omegaRad) + 0.000063 * Math.sin(2 * omegaRad)) * arcsecRad
  );
}
