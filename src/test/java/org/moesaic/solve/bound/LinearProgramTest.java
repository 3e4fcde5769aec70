package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is proved of small programs, against trying all whole numbers. */
class LinearProgramTest {
  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** A random program of three whole variables, and its numbers. */
  private static final class Random {
    final LinearProgram program = new LinearProgram();
    final double[] cost = new double[3];
    final int[] most = new int[3];
    final double[][] row = new double[4][3];
    final double[] low = new double[4];
    final double[] high = new double[4];

    Random(long seed, boolean whole) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int v = 0; v < 3; v++) {
        most[v] = random.nextInt(5);
        cost[v] = size(random) * random.nextInt(-2, 8);
        program.variable(0, most[v], whole);
        program.cost(v, cost[v]);
      }
      for (int r = 0; r < 4; r++) {
        double size = size(random);
        double sum = 0;
        for (int v = 0; v < 3; v++) {
          row[r][v] = size * random.nextInt(-3, 6) * (random.nextInt(4) == 0 ? size(random) : 1);
          sum += row[r][v] * random.nextInt(most[v] + 1);
        }
        low[r] = random.nextInt(3) == 0 ? Double.NEGATIVE_INFINITY : sum - size * random.nextInt(3);
        high[r] = random.nextInt(3) == 0 ? sum + size : Double.POSITIVE_INFINITY;
        program.row(low[r], high[r]);
        for (int v = 0; v < 3; v++) {
          program.term(r, v, row[r][v]);
        }
      }
    }

    private static double size(SplittableRandom random) {
      return random.nextBoolean() ? 1 : Math.pow(10, random.nextInt(-9, 10));
    }

    /** The lowest cost over whole numbers; infinite if none keep the rows. */
    double lowest() {
      double lowest = Double.POSITIVE_INFINITY;
      for (int x = 0; x <= most[0]; x++) {
        for (int y = 0; y <= most[1]; y++) {
          for (int z = 0; z <= most[2]; z++) {
            boolean allowed = true;
            for (int r = 0; r < 4; r++) {
              double sum = row[r][0] * x + row[r][1] * y + row[r][2] * z;
              allowed &= sum >= low[r] && sum <= high[r];
            }
            if (allowed) {
              lowest = Math.min(lowest, cost[0] * x + cost[1] * y + cost[2] * z);
            }
          }
        }
      }
      return lowest;
    }
  }

  private static double slack(double value) {
    return 1e-12 * Math.abs(value);
  }

  @Test
  void whateverTheMultipliersTheProofHolds() {
    int proved = 0;
    for (long seed = 0; seed < 3_000; seed++) {
      var random = new Random(seed, false);
      double lowest = random.lowest();
      SplittableRandom any = new SplittableRandom(-seed);
      double[] multipliers = any.doubles(4, -10, 10).toArray();
      multipliers[any.nextInt(4)] = any.nextBoolean() ? Double.NaN : 1e300;
      LinearProgram.Proof proof = random.program.prove(multipliers);
      assertThat(proof.usd()).as("seed %d", seed).isLessThanOrEqualTo(lowest + slack(lowest));
      proved += proof.usd() > Double.NEGATIVE_INFINITY ? 1 : 0;
      if (lowest < Double.POSITIVE_INFINITY) {
        assertThat(random.program.proveEmpty(multipliers)).as("seed %d", seed).isFalse();
      }
    }
    assertThat(proved).isGreaterThan(1_000);
  }

  @Test
  void theSolversMultipliersProveItsOptimum() {
    int close = 0;
    int solved = 0;
    int empty = 0;
    for (long seed = 0; seed < 1_500; seed++) {
      var random = new Random(seed, false);
      double lowest = random.lowest();
      MPSolver solver = MPSolver.createSolver("GLOP");
      LinearProgram.Loaded loaded = random.program.load(solver);
      if (solver.solve() == ResultStatus.OPTIMAL) {
        solved++;
        LinearProgram.Proof proof = random.program.prove(loaded.multipliers());
        double told = solver.objective().value();
        assertThat(proof.usd()).as("seed %d", seed).isLessThanOrEqualTo(lowest + slack(lowest));
        close += proof.usd() >= told - 1e-6 * (1 + Math.abs(told)) ? 1 : 0;
      }
      solver.delete();
      if (lowest == Double.POSITIVE_INFINITY) {
        MPSolver elastic = MPSolver.createSolver("GLOP");
        LinearProgram.Loaded rows = random.program.loadElastic(elastic);
        empty +=
            elastic.solve() == ResultStatus.OPTIMAL && random.program.proveEmpty(rows.multipliers())
                ? 1
                : 0;
        elastic.delete();
      }
    }
    System.out.printf("%d solved, %d proved to 1e-6, %d proved empty%n", solved, close, empty);
    assertThat(solved).isGreaterThan(1_000);
    assertThat(close).isGreaterThan(solved * 95 / 100);
    assertThat(empty).isGreaterThan(10);
  }

  @Test
  void wholeNumbersCostNoLessThanWhatIsBelieved() {
    int exact = 0;
    int solved = 0;
    for (long seed = 0; seed < 1_500; seed++) {
      var random = new Random(seed, true);
      double lowest = random.lowest();
      MPSolver solver = MPSolver.createSolver("SCIP");
      LinearProgram.Loaded loaded = random.program.loadRelaxed(solver, 0);
      LinearProgram.Whole whole = random.program.solveWhole(solver, loaded, 0, 1e-9, "");
      solver.delete();
      if (whole.solved()) {
        solved++;
        assertThat(whole.usd()).as("seed %d", seed).isLessThanOrEqualTo(lowest + slack(lowest));
        exact += whole.usd() >= lowest - 1e-5 * (1 + Math.abs(lowest)) ? 1 : 0;
      }
    }
    System.out.printf("%d solved, %d to 1e-5%n", solved, exact);
    assertThat(solved).isGreaterThan(800);
    assertThat(exact).isGreaterThan(solved * 9 / 10);
  }
}
