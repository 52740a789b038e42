//! Our own types as columns, so that pure types never name diesel: ids as BIGINT, enums as TEXT.

macro_rules! column {
    ($type:ty, $sql:ty, $raw:ty, |$value:ident| $out:expr, |$read:ident: $owned:ty| $in:expr) => {
        impl<DB: Backend> ToSql<$sql, DB> for $type
        where
            $raw: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                let $value = self;
                <$raw as ToSql<$sql, DB>>::to_sql($out, out)
            }
        }

        impl<DB: Backend> ToSql<Nullable<$sql>, DB> for $type
        where
            $type: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <Self as ToSql<$sql, DB>>::to_sql(self, out)
            }
        }

        impl<DB: Backend> FromSql<$sql, DB> for $type
        where
            $owned: FromSql<$sql, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let $read = <$owned as FromSql<$sql, DB>>::from_sql(bytes)?;
                $in
            }
        }

        impl<DB: Backend> Queryable<$sql, DB> for $type
        where
            $type: FromSql<$sql, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        column!(@expression $type, $sql, $type);
        column!(@expression $type, Nullable<$sql>, $type);
        column!(@expression $type, $sql, &'given $type);
        column!(@expression $type, Nullable<$sql>, &'given $type);
    };
    (@expression $type:ty, $sql:ty, $given:ty) => {
        impl<'given> AsExpression<$sql> for $given {
            type Expression = Bound<$sql, $given>;

            fn as_expression(self) -> Self::Expression {
                Bound::new(self)
            }
        }
    };
}

macro_rules! id_columns {
    ($($id:ident),+ $(,)?) => {$(
        column!($id, BigInt, i64, |id| &id.0, |raw: i64| Ok($id(raw)));
    )+};
}

/// For enums with `as_str(&self) -> &'static str` and `parse(&str) -> Option<Self>`.
macro_rules! text_columns {
    ($($word:path),+ $(,)?) => {$(
        column!($word, Text, str, |word| word.as_str(), |raw: String| {
            <$word>::parse(&raw).ok_or_else(|| format!("the database holds an unknown {}: {raw:?}", stringify!($word)).into())
        });
    )+};
}

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::AsExpression;
use diesel::internal::derives::as_expression::Bound;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::ids::{
    AlertId, ApiTokenId, CodingId, CompanyId, ContactId, ConversationId, EnrolmentId, FrameworkId, InvitationId,
    MailId, MergeId, OfferId, PlanStepId, ProposalId, TransactionId, UserId, VersionId, ViewId, WorkshopId,
};
use crate::method::tenure::Tenure;

id_columns!(
    CompanyId,
    ContactId,
    TransactionId,
    FrameworkId,
    VersionId,
    UserId,
    ApiTokenId,
    EnrolmentId,
    InvitationId,
    MailId,
    WorkshopId,
    ProposalId,
    CodingId,
    PlanStepId,
    AlertId,
    MergeId,
    ConversationId,
    ViewId,
    OfferId,
);

text_columns!(Tenure);
