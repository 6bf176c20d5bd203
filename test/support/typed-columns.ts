import {
  Binary,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Int8,
  Int16,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
} from 'apache-arrow'

/** A column of a type that is declared, not found in rows: its data, and what two readers are to make of it. */
export interface TypedColumn {
  readonly name: string
  readonly data: Data
  readonly nullable: boolean
  /** Values as hyparquet gives them. */
  readonly hyparquet: readonly unknown[]
  /** What DuckDB calls the type, and each value as text: of `{}`, which stands for the column. */
  readonly duckdb: { readonly type: string; readonly text?: string; readonly values: readonly (string | null)[] }
}

/** The second of three is null. */
const secondIsNull = Uint8Array.of(0b101)

/** Every type that can be declared, at both ends of its range, with a null between; and columns that hold none. */
export const typedColumns: readonly TypedColumn[] = [
  numeric('int8', new Int8(), Int8Array.of(-128, 0, 127), 'TINYINT'),
  numeric('int16', new Int16(), Int16Array.of(-32_768, 0, 32_767), 'SMALLINT'),
  numeric('int32', new Int32(), Int32Array.of(-2_147_483_648, 0, 2_147_483_647), 'INTEGER'),
  {
    name: 'float32',
    data: flat(new Float32(), Float32Array.of(-0, 0, 3.4028234663852886e38)),
    nullable: true,
    hyparquet: [-0, null, 3.4028234663852886e38],
    duckdb: { type: 'FLOAT', values: ['-0.0', null, '3.4028235e+38'] },
  },
  decimal('decimal9', 9, 2, ['-9999999.99', null, '0.01']),
  decimal('decimal18', 18, 0, ['-999999999999999999', null, '999999999999999999']),
  decimal('decimal38', 38, 10, [
    '-9999999999999999999999999999.9999999999',
    null,
    '1234567890123456789012345678.0123456789',
  ]),
  {
    name: 'day',
    data: flat(new DateDay(), Int32Array.of(-719_162, 0, 2_932_896)),
    nullable: true,
    hyparquet: [new Date('0001-01-01'), null, new Date('9999-12-31')],
    duckdb: { type: 'DATE', values: ['0001-01-01', null, '9999-12-31'] },
  },
  {
    name: 'time',
    data: flat(new TimeMicrosecond(), BigInt64Array.of(0n, 0n, 86_399_999_999n)),
    nullable: true,
    hyparquet: [0n, null, 86_399_999_999n],
    duckdb: { type: 'TIME', values: ['00:00:00', null, '23:59:59.999999'] },
  },
  {
    name: 'local',
    data: flat(new TimestampMicrosecond(), BigInt64Array.of(-62_135_596_800_000_000n, 0n, 1_714_528_800_000_001n)),
    nullable: true,
    hyparquet: [new Date('0001-01-01'), null, new Date('2024-05-01T02:00:00Z')],
    duckdb: { type: 'TIMESTAMP', values: ['0001-01-01 00:00:00', null, '2024-05-01 02:00:00.000001'] },
  },
  {
    name: 'binary',
    data: binary([Buffer.of(0, 255, 128), null, Buffer.of()]),
    nullable: true,
    hyparquet: [Uint8Array.of(0, 255, 128), null, Uint8Array.of()],
    duckdb: { type: 'BLOB', text: 'hex({})', values: ['00FF80', null, ''] },
  },
  {
    name: 'required',
    data: makeData({ type: new Int32(), length: 3, nullCount: 0, data: Int32Array.of(1, 0, 3) }),
    nullable: false,
    hyparquet: [1, 0, 3],
    duckdb: { type: 'INTEGER', values: ['1', '0', '3'] },
  },
  {
    name: 'prices',
    data: list(decimalData(12, 3, ['1.500', '-2.000', '0.001']), [0, 2, 2, 3]),
    nullable: true,
    hyparquet: [[1.5, -2], null, [0.001]],
    duckdb: { type: 'DECIMAL(12,3)[]', values: ['[1.500, -2.000]', null, '[0.001]'] },
  },
  {
    name: 'nested',
    data: struct([
      new Field('day', new DateDay(), true),
      new Field('rank', new Int16(), false),
      new Field('data', new Binary(), true),
    ]),
    nullable: true,
    hyparquet: [
      { day: new Date('1970-01-02'), rank: 7, data: Uint8Array.of(1) },
      null,
      { day: new Date('1970-01-04'), rank: 9, data: null },
    ],
    duckdb: {
      type: 'STRUCT("day" DATE, rank SMALLINT, "data" BLOB)',
      values: ["{'day': 1970-01-02, 'rank': 7, 'data': \\x01}", null, "{'day': 1970-01-04, 'rank': 9, 'data': NULL}"],
    },
  },
]

/** A batch of some of them. */
export function typedBatch(columns: readonly TypedColumn[]): RecordBatch {
  const schema = new Schema(columns.map(({ name, data, nullable }) => new Field(name, data.type, nullable)))
  const children = columns.map(({ data }) => data)
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 3, nullCount: 0, children }))
}

function flat(type: DataType, data: ArrayLike<number> | ArrayLike<bigint>): Data {
  return makeData({ type, length: 3, nullCount: 1, nullBitmap: secondIsNull, data } as never)
}

function numeric(
  name: string,
  type: DataType,
  values: Int8Array | Int16Array | Int32Array,
  duckdb: string,
): TypedColumn {
  const [least = 0, , most = 0] = values
  return {
    name,
    data: flat(type, values),
    nullable: true,
    hyparquet: [least, null, most],
    duckdb: { type: duckdb, values: [String(least), null, String(most)] },
  }
}

function decimal(name: string, precision: number, scale: number, values: readonly (string | null)[]): TypedColumn {
  return {
    name,
    data: decimalData(precision, scale, values),
    nullable: true,
    // It knows decimals as numbers only.
    hyparquet: values.map((each) => (each === null ? null : Number(each.replace('.', '')) * 10 ** -scale)),
    duckdb: { type: `DECIMAL(${precision},${scale})`, values },
  }
}

function decimalData(precision: number, scale: number, values: readonly (string | null)[]): Data {
  const words = new BigInt64Array(values.length * 2)
  for (const [i, value] of values.entries()) {
    const digits = BigInt((value ?? '0').replace('.', ''))
    words[i * 2] = BigInt.asIntN(64, digits)
    words[i * 2 + 1] = BigInt.asIntN(64, digits >> 64n)
  }
  const nullCount = values.includes(null) ? 1 : 0
  return makeData({
    type: new Decimal(scale, precision),
    length: values.length,
    nullCount,
    ...(nullCount > 0 ? { nullBitmap: secondIsNull } : {}),
    data: new Uint32Array(words.buffer),
  })
}

function binary(values: readonly (Uint8Array | null)[]): Data {
  const valueOffsets = new Int32Array(values.length + 1)
  for (const [i, value] of values.entries()) valueOffsets[i + 1] = (valueOffsets[i] ?? 0) + (value?.length ?? 0)
  return makeData({
    type: new Binary(),
    length: values.length,
    nullCount: 1,
    nullBitmap: secondIsNull,
    valueOffsets,
    data: Buffer.concat(values.map((value) => value ?? Buffer.of())),
  })
}

function list(child: Data, offsets: readonly number[]): Data {
  return makeData({
    type: new List(new Field('element', child.type, true)),
    length: offsets.length - 1,
    nullCount: 1,
    nullBitmap: secondIsNull,
    valueOffsets: Int32Array.from(offsets),
    child,
  })
}

function struct(fields: readonly Field[]): Data {
  return makeData({
    type: new Struct([...fields]),
    length: 3,
    nullCount: 1,
    nullBitmap: secondIsNull,
    children: [
      flat(new DateDay(), Int32Array.of(1, 2, 3)),
      makeData({ type: new Int16(), length: 3, nullCount: 0, data: Int16Array.of(7, 8, 9) }),
      makeData({
        type: new Binary(),
        length: 3,
        nullCount: 2,
        nullBitmap: Uint8Array.of(0b001),
        valueOffsets: Int32Array.of(0, 1, 1, 1),
        data: Buffer.of(1),
      }),
    ],
  })
}
