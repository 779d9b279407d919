/**
 * Begins every formula of an alarm: a zero in each period, to which the metrics are added. So the formula has a value in a
 * period in which none of its metrics has one, be it that a series has never had a data point, and no alarm is left in a
 * state because nothing is reported; alarms on AWS/DynamoDB would ignore missing data whatever they are told.
 *
 * Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics": `TIME_SERIES` "returns a non-sparse
 * time series where every value is set to a scalar argument"; in basic arithmetic "missing values in a time series are
 * treated as 0". `FILL` is not used: that page says what it does between data points, not what becomes of a series
 * without any. (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html)
 *
 * What is added comes late, and until then the newest period is 0. An alarm with a formula therefore looks at more periods
 * than have to be over its threshold; the same page asks for that where it speaks of `FILL`.
 */
export const NO_DATA_IS_ZERO = 'TIME_SERIES(0)';
