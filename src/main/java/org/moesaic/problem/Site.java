package org.moesaic.problem;

/**
 * One provider in one region; traffic within a site is free.
 *
 * @param provider provider id
 * @param region region id
 */
public record Site(String provider, String region) {
  /** As links name it: {@code provider/region}. */
  @Override
  public String toString() {
    return provider + "/" + region;
  }
}
