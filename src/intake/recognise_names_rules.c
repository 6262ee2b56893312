/* What columns are called in files from all over, in English, German, French and Spanish. */
#include "src/intake/recognise_names_rules.h"

#include "lib/base/compiler.h"
#include "lib/norm/norm.h"

enum { LIKE_AT_THE_END = 70, LIKE_AT_THE_START = 60, NAME_BYTES_MAX = 200 };

/* Folded, without blanks, and apart by commas. */
static const char *const words[COLUMN_COUNT] = {
    [COLUMN_ORDER_NUMBER] =
        "orderno,ordernumber,ordernr,orderid,salesordernumber,salesorder,salesorderid,"
        "order,po,ponumber,purchaseorder,invoiceno,invoicenumber,invoiceid,invoice,"
        "documentnumber,docno,bestellnummer,bestellnr,auftragsnummer,auftragsnr,"
        "auftrag,rechnungsnummer,rechnungsnr,belegnr,belegnummer,numerodecommande,"
        "ncommande,numfacture,numerodepedido,pedido,commande,numerocommande,"
        "nodecommande,ndecommande,numeropedido,nopedido,npedido,numerodefactura,factura",
    [COLUMN_ORDER_DATE] = "orderdate,dateordered,orderedat,ordered,salesdate,saledate,invoicedate,"
                          "purchasedate,bookingdate,documentdate,transactiondate,bestelldatum,"
                          "auftragsdatum,rechnungsdatum,belegdatum,datedecommande,datecommande,"
                          "fechadepedido,fechapedido",
    [COLUMN_ORDER_STATUS] = "orderstatus,invoicestatus,auftragsstatus,bestellstatus",
    [COLUMN_CLOSE_DATE] = "closedate,closingdate,closedat,closed,expectedclose,expectedclosedate,"
                          "wondate,abschlussdatum,datedecloture,fechadecierre",
    [COLUMN_DEAL_STAGE] = "stage,dealstage,stagename,salesstage,pipelinestage,opportunitystage,"
                          "dealstatus,phase,etape,etapa",
    [COLUMN_DEAL_NAME] = "dealname,deal,opportunity,opportunityname,opportunitytitle,dealtitle",
    [COLUMN_CREATED_DATE] = "createddate,createdate,createdat,created,createdon,datecreated,"
                            "registrationdate,registeredat,registered,dateregistered,erstelltam,"
                            "erstellt,datedecreation,fechadecreacion",
    [COLUMN_CALL_DIRECTION] = "direction,calldirection,calltype,richtung,sens",
    [COLUMN_DURATION] = "duration,callduration,durationseconds,durationsec,durations,talktime,"
                        "calldurationinseconds,lengthseconds,dauer,gesprachsdauer,duree,duracion",
    [COLUMN_QUANTITY] =
        "quantity,qty,orderquantity,orderqty,units,unitssold,pieces,pcs,itemsold,menge,"
        "stuck,stuckzahl,anzahl,quantite,qte,cantidad,unidades,uds,unites,stk",
    [COLUMN_UNIT_PRICE] = "unitprice,priceperunit,priceeach,price,netprice,listprice,einzelpreis,"
                          "stuckpreis,preis,prixunitaire,prix,preciounitario,precio",
    [COLUMN_LINE_TOTAL] = "linetotal,lineamount,salesamount,extendedprice,extendedamount,"
                          "itemtotal,netamount,positionsbetrag,positionswert,nettobetrag,"
                          "montantligne,importelinea",
    [COLUMN_ORDER_TOTAL] = "ordertotal,orderamount,ordervalue,subtotal,nettotal,totalnet,"
                           "invoicetotal,invoiceamount,auftragswert,auftragssumme,bestellwert,"
                           "rechnungsbetrag,montantcommande,totalpedido",
    [COLUMN_UNIT_COST] = "unitcost,costperunit,costprice,standardcost,einstandspreis,stuckkosten",
    [COLUMN_COST] = "cost,totalcost,totalproductcost,linecost,cogs,costofgoods,kosten,"
                    "wareneinsatz,cout,coste",
    [COLUMN_CURRENCY] = "currency,currencycode,currencyisocode,isocurrency,curr,wahrung,devise,"
                        "moneda,divisa",
    [COLUMN_PRODUCT_KEY] = "sku,productkey,productid,productcode,productno,productnumber,itemno,"
                           "itemnumber,itemcode,itemid,partno,partnumber,articleno,articlenumber,"
                           "materialno,material,ean,gtin,upc,artikelnr,artikelnummer,artnr,"
                           "produktnr,refproduit,codigoproducto",
    [COLUMN_PRODUCT_NAME] =
        "product,productname,item,itemname,article,articlename,producttitle,lineitem,"
        "artikel,artikelbezeichnung,produkt,produktname,bezeichnung,produit,"
        "designation,producto,produits,articulo,referencia",
    [COLUMN_CATEGORY] = "category,productcategory,categoryname,productcategoryname,productgroup,"
                        "productfamily,family,productline,"
                        "kategorie,warengruppe,produktgruppe,categorie,categoria",
    [COLUMN_SUBCATEGORY] = "subcategory,productsubcategory,subgroup,unterkategorie,souscategorie,"
                           "subcategoria",
    [COLUMN_PARTNER_KEY] =
        "partnerid,partnerno,partnernumber,partnercode,partnerkey,resellerid,"
        "resellerkey,resellerno,resellercode,accountid,accountno,accountnumber,"
        "accountcode,customerid,customerno,customernumber,customercode,"
        "customerkey,dealerid,dealerno,dealercode,companyid,companycode,clientid,"
        "kundennr,kundennummer,handlernr,handlernummer,partnernr,numeroclient,"
        "codeclient,codigocliente,debitor,debitorennr,externalid",
    [COLUMN_PARTNER_NAME] =
        "partner,partnername,reseller,resellername,company,companyname,account,"
        "accountname,customer,customername,dealer,dealername,distributor,"
        "distributorname,businessname,organisation,organization,organisationname,"
        "organizationname,firm,client,clientname,firma,firmenname,firmierung,kunde,"
        "kundenname,handler,vertriebspartner,societe,raisonsociale,entreprise,"
        "revendeur,empresa,cliente,razonsocial,unternehmen,handelspartner,"
        "geschaftspartner,fachhandler,wiederverkaufer,nomdelentreprise,nomsociete,"
        "nomdelasociete,distributeur,partenaire,nombreempresa,nombredelaempresa,"
        "distribuidor,revendedor,socio",
    [COLUMN_FIRST_NAME] = "firstname,givenname,forename,vorname,prenom,nombredepila",
    [COLUMN_LAST_NAME] = "lastname,surname,familyname,nachname,familienname,nomdefamille,apellido,"
                         "apellidos",
    [COLUMN_PERSON_NAME] = "contact,contactname,contactperson,fullname,person,primarycontact,"
                           "ansprechpartner,kontakt,kontaktperson,interlocuteur,contacto",
    [COLUMN_TITLE] = "jobtitle,title,position,role,funktion,fonction,cargo",
    [COLUMN_EMAIL] =
        "email,emailaddress,mail,mailaddress,emailadresse,contactemail,courriel,correo,"
        "correoelectronico,mailadresse,adresseelectronique,adressemail,adresseemail",
    [COLUMN_MOBILE] = "mobile,mobilephone,mobilephonenumber,cell,cellphone,mobil,mobiltelefon,"
                      "handy,portable,movil",
    [COLUMN_FAX] = "fax,faxnumber,telefax,phone2,secondaryphone,otherphone",
    [COLUMN_PHONE] =
        "phone,phonenumber,telephone,telephonenumber,tel,telno,businessphone,workphone,"
        "telefon,telefonnummer,telefonnr,rufnummer,telefono,numerodetelephone,"
        "numerodetelefono",
    [COLUMN_DOMAIN] = "domain,domainname,website,websiteurl,web,url,homepage,webseite,siteweb,"
                      "sitioweb,companydomainname",
    [COLUMN_ADDRESS_LINE1] = "address,address1,addressline1,street,streetaddress,street1,"
                             "billingstreet,billingaddress,strasse,anschrift,adresse,rue,direccion,"
                             "calle",
    [COLUMN_ADDRESS_LINE2] = "address2,addressline2,street2,adresszusatz,complementadresse",
    [COLUMN_POSTAL_CODE] = "postalcode,postcode,zip,zipcode,zippostalcode,plz,postleitzahl,"
                           "codepostal,codigopostal,cp",
    [COLUMN_CITY] = "city,town,cityname,billingcity,ort,stadt,ville,ciudad,poblacion,localite,"
                    "localidad,municipio,wohnort,standort",
    [COLUMN_REGION] = "state,region,province,stateprovince,stateregion,county,bundesland,"
                      "departement,provincia,estado",
    [COLUMN_COUNTRY] = "country,countrycode,countryname,countryregion,land,landercode,pays,pais",
    [COLUMN_TIER] = "tier,level,partnerlevel,partnertier,class,partnerklasse,niveau,nivel",
    [COLUMN_MANAGER] = "manager,accountmanager,partnermanager,channelmanager,owner,accountowner,"
                       "companyowner,salesrep,betreuer,kundenbetreuer",
    [COLUMN_TAG] = "tags,tag,type,businesstype,industry,segment,branche,secteur,sector",
    [COLUMN_NOTE] = "note,notes,comment,comments,remark,remarks,description,subject,memo,bemerkung,"
                    "notiz,kommentar,betreff,remarque,commentaire,nota",
    [COLUMN_KEY] = "id,key,recordid,no,nr,number,code,uid,uuid,guid,externalid",
    [COLUMN_NAME] = "name,nom,nombre",
    [COLUMN_DATE] = "date,day,timestamp,time,datetime,activitydate,calldate,datum,zeitpunkt,fecha,"
                    "jour,dia,datedevente,fechadeventa,verkaufsdatum",
    [COLUMN_AMOUNT] =
        "amount,total,value,revenue,sales,totalamount,totalprice,turnover,sum,betrag,"
        "gesamt,gesamtbetrag,summe,umsatz,wert,montant,importe,valor,erlos,umsatznetto,"
        "nettoumsatz,chiffredaffaires,chiffreaffaires,ca,ventes,ventas,facturacion,"
        "ingresos",
};

/* "Order No." as "orderno"; in the buffer. */
static struct str squeezed(struct str name, struct arena *arena)
{
    struct str folded = text_fold(str_slice(name, 0, NAME_BYTES_MAX), arena);
    char *out = arena_alloc(arena, folded.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < folded.len; i++)
        if (folded.ptr[i] != ' ')
            out[len++] = folded.ptr[i];
    return (struct str){out, len};
}

static int likeness(struct str word, struct str name)
{
    enum { WORD_LEN_MIN = 4, END_SHARE_MIN = 50, START_SHARE_MIN = 60 };
    if (str_equal(word, name))
        return LIKENESS_EXACT;
    /* Short words are inside anything, and "sales" says little of "SalesTerritoryKey". */
    if (word.len < WORD_LEN_MIN || name.len < word.len)
        return 0;
    int share = (int)(100 * word.len / name.len);
    if (share >= END_SHARE_MIN && str_ends_with(name, word))
        return LIKE_AT_THE_END + share / 5;
    if (share >= START_SHARE_MIN && str_starts_with(name, word))
        return LIKE_AT_THE_START + share / 5;
    return 0;
}

int role_likeness(enum column_role role, struct str name, struct arena *arena)
{
    int best = 0;
    struct str rest = str_from_c(words[role]), word;
    struct str plain = squeezed(name, arena);
    while (plain.len && str_split(&rest, ',', &word)) {
        int like = likeness(word, plain);
        if (like > best)
            best = like;
    }
    return best;
}
