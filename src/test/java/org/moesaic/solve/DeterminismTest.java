package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.check.Checker;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.solve.Progress.Improved;
import org.moesaic.solve.Progress.Started;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** The same question has the same answer; and what a planner says, and when it ends. */
class DeterminismTest {
  private static final Size SIZE = new Size(4, 24, 8, 3);

  private static Problem problem(int seed) {
    return RandomProblems.of(seed, SIZE);
  }

  /**
   * A problem that no search is soon done with; one with plans, since a proof that there are none
   * would end the search before it begins.
   */
  private static Problem large() {
    return RandomProblems.of(4, new Size(20, 64, 10, 3));
  }

  private static String planText(Plan plan) {
    return Plans.toJson(
        new Plan(
            plan.problem(),
            plan.status(),
            plan.objective(),
            plan.bound(),
            plan.leases(),
            plan.placements(),
            plan.serving(),
            plan.parts(),
            plan.backbone(),
            plan.traffic(),
            plan.origins(),
            plan.violations(),
            null));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0, 0",
    "1, 1, 0, 12000",
    "1, 2, 0, 12000",
    "2, 1, 7, 12000",
    "2, 2, 7, 12000",
    "3, 2, -1, 5001",
    "4, 3, 9223372036854775807, 7000"
  })
  void sameQuestionSameAnswer(int problemSeed, int threads, long seed, long steps) {
    String first = null;
    for (int run = 0; run < 3; run++) {
      Plan plan =
          Planner.builder()
              .steps(steps)
              .threads(threads)
              .seed(seed)
              .build()
              .solve(problem(problemSeed));
      String text = planText(plan);
      if (first != null) {
        assertThat(text).as("run %d", run).isEqualTo(first);
      }
      first = text;
    }
  }

  @Test
  void otherSeedsGiveOtherPlansThatAreRightToo() {
    int different = 0;
    for (int problemSeed = 1; problemSeed < 6; problemSeed++) {
      Set<String> texts = new HashSet<>();
      for (int seed = 0; seed < 4; seed++) {
        Problem problem = problem(problemSeed);
        Plan plan = Planner.builder().steps(6000).threads(1).seed(seed).build().solve(problem);
        assertThat(Checker.check(problem, plan).findings())
            .as("problem %d, seed %d", problemSeed, seed)
            .isEmpty();
        texts.add(planText(plan));
      }
      different += texts.size() > 1 ? 1 : 0;
    }
    assertThat(different).isPositive();
  }

  @Test
  void moreThreadsAreNeverWorse() {
    for (int problemSeed = 1; problemSeed < 5; problemSeed++) {
      Problem problem = problem(problemSeed);
      Plan one = Planner.builder().steps(6000).threads(1).seed(3).build().solve(problem);
      Plan two = Planner.builder().steps(6000).threads(2).seed(3).build().solve(problem);
      // The first thread does the same whether there is a second or not.
      if (one.status() != Status.INFEASIBLE) {
        assertThat(two.status()).isNotEqualTo(Status.INFEASIBLE);
        assertThat(two.objective().usdPerHour())
            .as("problem %d", problemSeed)
            .isLessThanOrEqualTo(one.objective().usdPerHour() * (1 + 1e-9));
      }
    }
  }

  @Test
  void listenersHearOfTheStartThenOfImprovements() {
    for (int problemSeed = 1; problemSeed < 8; problemSeed++) {
      List<Progress> heard = new ArrayList<>();
      Plan plan =
          Planner.builder()
              .steps(12_000)
              .threads(2)
              .listener(heard::add)
              .build()
              .solve(problem(problemSeed));
      String what = "problem %d".formatted(problemSeed);
      assertThat(heard.getFirst()).as(what).isInstanceOf(Started.class);
      Started started = (Started) heard.getFirst();
      assertThat(started.origins()).isEqualTo(SIZE.origins());
      assertThat(started.offers()).isEqualTo(SIZE.offers());
      assertThat(heard.stream().filter(Started.class::isInstance)).as(what).hasSize(1);
      assertThat(heard).extracting(Progress::elapsed).as(what).isSorted();
      List<Improved> improved =
          heard.stream().filter(Improved.class::isInstance).map(Improved.class::cast).toList();
      assertThat(improved).as(what).isNotEmpty();
      assertThat(improved.getFirst().by()).as(what).isEqualTo("start");
      for (int i = 1; i < improved.size(); i++) {
        Improved before = improved.get(i - 1);
        Improved after = improved.get(i);
        assertThat(after.by()).as(what).matches("search-[12]|bound");
        assertThat(after.keepsRules() || !before.keepsRules()).as(what).isTrue();
        if (before.keepsRules()) {
          assertThat(after.usdPerHour()).as(what).isLessThan(before.usdPerHour());
        }
      }
      Improved last = improved.getLast();
      assertThat(last.keepsRules()).as(what).isEqualTo(plan.status() != Status.INFEASIBLE);
      double usd = plan.objective().usdPerHour();
      assertThat(Math.abs(last.usdPerHour() - usd)).as(what).isLessThan(1e-6 * Math.max(1, usd));
      assertThat(last.nodes())
          .as(what)
          .isEqualTo(plan.leases().stream().mapToLong(Plan.Lease::nodes).sum());
    }
  }

  @Test
  @Timeout(60)
  void stopsSoonWithAPlan() throws InterruptedException {
    var searching = new CountDownLatch(1);
    Planner planner =
        Planner.builder()
            .time(Duration.ofHours(1))
            .threads(2)
            .listener(
                progress -> {
                  if (progress instanceof Improved improved && improved.by().startsWith("search")) {
                    searching.countDown();
                  }
                })
            .build();
    var found = new AtomicReference<Plan>();
    Thread caller = Thread.ofPlatform().daemon().start(() -> found.set(planner.solve(large())));
    assertThat(searching.await(40, TimeUnit.SECONDS)).isTrue();
    long stopped = System.nanoTime();
    planner.stop();
    caller.join(15_000);
    assertThat(caller.isAlive()).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - stopped)).isLessThan(Duration.ofSeconds(10));
    assertThat(Checker.check(large(), found.get()).findings()).isEmpty();
    // A planner that was stopped stays so: it makes a plan, but does not search for a better one.
    Plan again = planner.solve(problem(1));
    assertThat(Checker.check(problem(1), again).findings()).isEmpty();
  }

  @Test
  @Timeout(60)
  void interruptingTheCallerStopsToo() throws InterruptedException {
    var searching = new CountDownLatch(1);
    Planner planner =
        Planner.builder()
            .time(Duration.ofSeconds(50))
            .threads(2)
            .listener(
                progress -> {
                  if (progress instanceof Improved improved && improved.by().startsWith("search")) {
                    searching.countDown();
                  }
                })
            .build();
    var found = new AtomicReference<Plan>();
    var interrupted = new AtomicReference<Boolean>();
    Thread caller =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  found.set(planner.solve(large()));
                  interrupted.set(Thread.currentThread().isInterrupted());
                });
    assertThat(searching.await(40, TimeUnit.SECONDS)).isTrue();
    caller.interrupt();
    caller.join(15_000);
    assertThat(caller.isAlive()).as("still searching").isFalse();
    assertThat(Checker.check(large(), found.get()).findings()).isEmpty();
    assertThat(interrupted.get()).as("the caller can see that it was interrupted").isTrue();
  }

  @Test
  @Timeout(60)
  void stopsFromItsOwnListener() {
    var planner = new AtomicReference<Planner>();
    planner.set(
        Planner.builder()
            .time(Duration.ofHours(1))
            .threads(2)
            .listener(progress -> planner.get().stop())
            .build());
    Plan plan = planner.get().solve(large());
    assertThat(Checker.check(large(), plan).findings()).isEmpty();
  }

  @Test
  @Timeout(60)
  void timeEndsASearch() {
    long began = System.nanoTime();
    Plan plan = Planner.builder().time(Duration.ofMillis(1500)).threads(2).build().solve(large());
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    assertThat(Checker.check(large(), plan).findings()).isEmpty();
  }

  @Test
  @Timeout(60)
  void aFailingListenerEndsTheSearch() {
    // It fails once, in one of two threads; the other has to end too.
    var failed = new AtomicBoolean();
    Planner planner =
        Planner.builder()
            .time(Duration.ofHours(1))
            .threads(2)
            .listener(
                progress -> {
                  if (progress instanceof Improved improved
                      && improved.by().startsWith("search")
                      && !failed.getAndSet(true)) {
                    throw new IllegalStateException("The listener failed.");
                  }
                })
            .build();
    assertThatThrownBy(() -> planner.solve(large()))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("The listener failed.");
  }

  @Test
  @Timeout(60)
  void checkpointsAreValidPlansOfAFallingCost() {
    var kept = new ArrayList<Plan>();
    Planner planner =
        Planner.builder()
            .time(Duration.ofSeconds(3))
            .threads(2)
            .checkpoint(Duration.ofMillis(100), kept::add)
            .build();
    Problem problem = large();
    Plan plan = planner.solve(problem);
    assertThat(kept).isNotEmpty();
    double before = Double.POSITIVE_INFINITY;
    for (Plan each : kept) {
      assertThat(each.status()).isNotEqualTo(Status.INFEASIBLE);
      assertThat(each.objective().usdPerHour()).isLessThan(before);
      before = each.objective().usdPerHour();
    }
    assertThat(Checker.check(problem, kept.getLast()).findings()).isEmpty();
    assertThat(plan.objective().usdPerHour()).isLessThanOrEqualTo(before);
  }
}
