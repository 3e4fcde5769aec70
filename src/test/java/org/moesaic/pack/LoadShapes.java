package org.moesaic.pack;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Random loads of one layer, of the shapes that routing has, and of awkward ones. */
enum LoadShapes {
  UNIFORM {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return random.nextDouble();
    }
  },
  ZIPF {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return 1000.0 / (rank + 1);
    }
  },
  FEW_HOT {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return rank < 1 + experts / 10 ? 50 + 100 * random.nextDouble() : random.nextDouble();
    }
  },
  ZEROS {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return random.nextInt(3) == 0 ? 1 + random.nextInt(100) : 0;
    }
  },
  TIES {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return 1 + random.nextInt(4);
    }
  },
  SAME {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return 7;
    }
  },
  HUGE {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return 1e30 * random.nextDouble();
    }
  },
  TINY {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return Double.MIN_NORMAL * (1 + random.nextInt(1000));
    }
  },
  LOG_NORMAL {
    @Override
    double load(int rank, int experts, SplittableRandom random) {
      return Math.exp(1.5 * random.nextGaussian());
    }
  };

  abstract double load(int rank, int experts, SplittableRandom random);

  /** Loads in random order, some of which are above 0. */
  double[] loads(int experts, SplittableRandom random) {
    double[] loads = new double[experts];
    Arrays.setAll(loads, rank -> load(rank, experts, random));
    for (int i = experts - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      double swapped = loads[i];
      loads[i] = loads[j];
      loads[j] = swapped;
    }
    if (Arrays.stream(loads).allMatch(load -> load == 0)) {
      loads[random.nextInt(experts)] = 1;
    }
    return loads;
  }
}
