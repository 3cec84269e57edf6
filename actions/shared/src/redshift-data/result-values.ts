import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data';
import type { SqlValue } from '../duckdb.ts';

const NUMBER_TYPES = /^(numeric|decimal)/;
const TIME_TYPES = /^(date$|timestamp)/;
/** A date or a time as Redshift writes it, with or without a fraction and a zone. */
const TIME = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)([+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * A value of a result in the form that the pipeline's queries have on every warehouse: numbers as
 * numbers, though NUMERIC comes as text, and times as ISO 8601 in UTC. Infinite times stay text.
 *
 * @throws TypeError for bytes (VARBYTE), which no table of the pipeline has.
 */
export function valueOf(field: Field, column: ColumnMetadata | undefined): SqlValue {
  if (field.isNull === true) return null;
  const type = column?.typeName?.toLowerCase() ?? '';
  if (field.stringValue !== undefined) {
    if (NUMBER_TYPES.test(type)) return Number(field.stringValue);
    return TIME_TYPES.test(type) ? isoTime(field.stringValue) : field.stringValue;
  }
  const value = field.longValue ?? field.doubleValue ?? field.booleanValue;
  if (value === undefined) throw new TypeError(`a value of type ${type} cannot be read`);
  return value;
}

/** The column's name as the query gave it. */
export function nameOf(column: ColumnMetadata): string {
  return column.label ?? column.name ?? '';
}

function isoTime(text: string): string {
  const [, day, time = '00:00:00', zone = '+00'] = TIME.exec(text) ?? [];
  if (day === undefined) return text;
  const [hours = '+00', minutes = '00'] = zone.includes(':')
    ? zone.split(':')
    : [zone.slice(0, 3), zone.slice(3) || '00'];
  // Dates hold milliseconds; the rest of a fraction is dropped, as for every other warehouse.
  const [whole, fraction = ''] = time.split('.');
  return new Date(`${day}T${whole}.${fraction.slice(0, 3).padEnd(3, '0')}${hours}:${minutes}`).toISOString();
}
