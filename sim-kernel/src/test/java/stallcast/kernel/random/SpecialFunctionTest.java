package stallcast.kernel.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/**
 * The normal, gamma and beta functions against Python mpmath 1.3 at {@code mp.dps = 40}.
 *
 * <p>Expressions: {@code ncdf(z)}; {@code findroot(lambda z: log(ncdf(z)) - log(p), start)},
 * mirrored above 1/2; {@code loggamma(a)}; {@code gammainc(a, 0, x, regularized=True)} and {@code
 * gammainc(a, x, inf, regularized=True)}; {@code betainc(a, b, 0, x, regularized=True)}; all on the
 * doubles named here.
 */
class SpecialFunctionTest {
  @Test
  void normalDistributionFunctionIsAccurateRelativeToItsSize() {
    double[][] rows = {
      {-37.0, 5.725571222524577e-300},
      {-30.0, 4.906713927148187e-198},
      {-10.0, 7.619853024160525e-24},
      {-5.0, 2.866515718791939e-07},
      {-2.0, 0.02275013194817921},
      {-1.0, 0.15865525393145705},
      {-0.3, 0.3820885778110474},
      {-1e-05, 0.49999601057719606},
      {0.5, 0.6914624612740131},
      {1.0, 0.8413447460685429},
      {3.0, 0.9986501019683699}
    };
    for (double[] row : rows) {
      double relative = 1e-14 + 0x1p-52 * row[0] * row[0]; // z^2 / 2 is rounded before its exp
      assertEquals(row[1], NormalLaw.cdf(row[0]), relative * row[1], () -> "z = " + row[0]);
    }
  }

  @Test
  void normalQuantileIsAccurateInAllThreeRegions() {
    double[][] rows = {
      {1e-300, -37.0470962993612},
      {1e-20, -9.262340089798407},
      {1e-09, -5.9978070150076865},
      {0.0001, -3.7190164854556804},
      {0.01, -2.326347874040841},
      {0.07499, -1.4396021182393162},
      {0.0751, -1.43882539275254},
      {0.3, -0.5244005127080408},
      {0.51, 0.025068908258711057},
      {0.9, 1.2815515655446006},
      {0.99, 2.3263478740408408},
      {0.9999, 3.7190164854557084}
    };
    for (double[] row : rows) {
      double allowed = 1e-15 * Math.max(0.1, Math.abs(row[1]));
      assertEquals(row[1], NormalLaw.quantile(row[0]), allowed, () -> "p = " + row[0]);
    }
    assertEquals(0, NormalLaw.quantile(0.5));
    assertEquals(Double.NEGATIVE_INFINITY, NormalLaw.quantile(0));
    assertEquals(Double.POSITIVE_INFINITY, NormalLaw.quantile(1));
  }

  @Test
  void logarithmOfGammaIsAccurate() {
    double[][] rows = {
      {1e-10, 23.025850929882736},
      {0.001, 6.907178885383853},
      {0.1, 2.252712651734206},
      {0.5, 0.5723649429247001},
      {1.5, -0.12078223763524522},
      {3.0, 0.6931471805599453},
      {7.9, 8.32426586800881},
      {8.1, 8.72738826343204},
      {50.0, 144.5657439463449},
      {100000.0, 1051287.7089736569}
    };
    for (double[] row : rows) {
      double allowed = 2e-15 * (1 + Math.abs(row[1]));
      assertEquals(row[1], GammaLaw.logGamma(row[0]), allowed, () -> "a = " + row[0]);
    }
  }

  @Test
  void incompleteGammaIsAccurateOnBothSides() {
    double[][] rows = {
      {0.001, 1e-09, 0.9800547199039311, 0.01994528009606891},
      {0.001, 3.0, 0.9999869268601987, 1.3073139801213742e-05},
      {0.5, 0.1, 0.345279153981423, 0.654720846018577},
      {0.5, 20.0, 0.9999999997460371, 2.539628589470865e-10},
      {1.0, 1.0, 0.6321205588285577, 0.36787944117144233},
      {10.0, 3.0, 0.0011024881301154798, 0.9988975118698845},
      {10.0, 25.0, 0.9997785233617512, 0.00022147663824878357},
      {100.0, 60.0, 1.4815276326460468e-06, 0.9999985184723673},
      {100.0, 100.0, 0.5132987982791487, 0.48670120172085135},
      {10000.0, 9800.0, 0.022207543813969693, 0.9777924561860303},
      {10000.0, 10400.0, 0.999961119829426, 3.88801705739882e-05},
      {1000000.0, 1000000.0, 0.5001329807608725, 0.4998670192391274}
    };
    for (double[] row : rows) {
      assertEquals(row[2], GammaLaw.lower(row[0], row[1]), 1e-13 * row[2], () -> "P " + row[0]);
      assertEquals(row[3], GammaLaw.upper(row[0], row[1]), 1e-12 * row[3], () -> "Q " + row[0]);
    }
  }

  @Test
  void incompleteBetaIsAccurate() {
    double[][] rows = {
      {0.001, 2.0, 0.5, 0.9998067465369478},
      {0.436, 2.721, 1e-06, 0.004041039378607537},
      {0.436, 2.721, 0.9, 0.9994691852702288},
      {5.2, 9.6, 0.35, 0.5174586946386057},
      {2.0, 18.0, 0.3, 0.9895781529733731},
      {0.562, 0.636, 0.99, 0.9654022899861937},
      {100.0, 300.0, 0.2, 0.007994530866879339},
      {3000.0, 1000.0, 0.76, 0.9289196659914642}
    };
    for (double[] row : rows) {
      assertEquals(
          row[3],
          BetaLaw.cdf(row[2], row[0], row[1]),
          1e-13 * row[3],
          () -> "I " + row[0] + ", " + row[1]);
    }
  }
}
